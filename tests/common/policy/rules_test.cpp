#include "common/policy/rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "tests/common/policy/facts.h"

namespace muster::policy {
namespace {

using namespace muster::testing;  // NOLINT(google-build-using-namespace): the words of the tests
using ::testing::HasSubstr;

Control control_of(std::string rule) {
  Control control;
  control.id = "c";
  control.title = "Title";
  control.rule = std::move(rule);
  return control;
}

v1::Verdict judge(const Control& control, std::vector<SectionState> sections,
                  const FirstSeen& first_seen = {}, TimePoint now = kNow) {
  const Evaluation evaluation =
      evaluate({.sections = sections, .last_sync = std::nullopt}, first_seen, {{control}}, now);
  EXPECT_EQ(evaluation.verdicts.size(), 1U);
  return evaluation.verdicts[0];
}

Control security_control() {
  Control control = control_of("security_updates");
  control.deadline = days(14);
  return control;
}

// "subject status reason", for the subjects in their order.
std::vector<std::string> lines(const v1::Verdict& verdict) {
  std::vector<std::string> result;
  for (const v1::SubjectVerdict& subject : verdict.subjects()) {
    result.push_back(subject.subject() + " | " + std::string(status_name(subject.status())) +
                     " | " + subject.reason());
  }
  return result;
}

using ::testing::ElementsAre;

TEST(SecurityUpdates, PassWhereNoneWaits) {
  v1::PackageFacts facts = apt_facts();
  add_update(facts, "vim", v1::SECURITY_NO);
  const v1::Verdict verdict = judge(security_control(), {observed("packages-apt", facts)});
  EXPECT_EQ(verdict.status(), v1::STATUS_PASS);
  EXPECT_EQ(verdict.summary(), "no security updates wait");
  EXPECT_EQ(verdict.subject_count(), 1U);
}

TEST(SecurityUpdates, MakeEveryWaitingPackageASubject) {
  v1::PackageFacts facts = apt_facts();
  add_update(facts, "libc6", v1::SECURITY_YES, "amd64");
  add_update(facts, "libc6", v1::SECURITY_YES, "i386");
  v1::PendingUpdate& held = add_update(facts, "openssl", v1::SECURITY_YES);
  held.set_would_install(false);
  held.set_not_installed_because("held");
  const v1::Verdict verdict = judge(security_control(), {observed("packages-apt", facts)});
  EXPECT_EQ(verdict.status(), v1::STATUS_DUE);
  EXPECT_EQ(verdict.summary(),
            "3 security updates wait: libc6:amd64, libc6:i386, openssl (1 of them an upgrade would "
            "not install)");
  EXPECT_EQ(from_proto(verdict.deadline()), kNow + days(14));
  EXPECT_THAT(lines(verdict),
              ElementsAre("libc6:amd64 | due | 1.0-2 waits", "libc6:i386 | due | 1.0-2 waits",
                          "openssl | due | 1.0-2 waits, but an upgrade would "
                          "not install it: held"));
}

TEST(SecurityUpdates, SpeakOfOneInTheSingular) {
  v1::PackageFacts facts = apt_facts();
  add_update(facts, "openssl", v1::SECURITY_YES);
  EXPECT_EQ(judge(security_control(), {observed("packages-apt", facts)}).summary(),
            "1 security update waits: openssl");
}

TEST(SecurityUpdates, AreUnknownWhereTheRepositoryDoesNotTell) {
  v1::PackageFacts facts = apt_facts();
  add_update(facts, "nginx", v1::SECURITY_UNSPECIFIED);
  const v1::Verdict verdict = judge(security_control(), {observed("packages-apt", facts)});
  EXPECT_EQ(verdict.status(), v1::STATUS_UNKNOWN);
  EXPECT_EQ(verdict.summary(),
            "1 update waits and the repositories do not tell whether for security: nginx");
  EXPECT_EQ(verdict.subjects(0).subject(), "nginx");
}

TEST(SecurityUpdates, AreUnknownWhereNothingCanBeKnownOfUpdates) {
  struct Case {
    void (*change)(v1::PackageFacts&);
    std::string reason;
  };
  const std::vector<Case> cases = {
      {[](v1::PackageFacts& facts) { facts.set_lists_present(false); },
       "no package lists are present"},
      {[](v1::PackageFacts& facts) { facts.clear_lists_updated_at(); },
       "the package lists were never refreshed"},
      {[](v1::PackageFacts& facts) { facts.add_problems("pkgcache could not be read"); },
       "not everything could be read: pkgcache could not be read"},
  };
  for (const Case& c : cases) {
    v1::PackageFacts facts = apt_facts();
    c.change(facts);
    v1::Verdict verdict = judge(security_control(), {observed("packages-apt", facts)});
    EXPECT_EQ(verdict.status(), v1::STATUS_UNKNOWN);
    EXPECT_THAT(verdict.summary(), HasSubstr(c.reason));
    // What is seen to wait is still told.
    add_update(facts, "openssl", v1::SECURITY_YES);
    verdict = judge(security_control(), {observed("packages-apt", facts)});
    EXPECT_EQ(verdict.status(), v1::STATUS_UNKNOWN);
    EXPECT_EQ(verdict.summary(), "1 security update waits: openssl");
    EXPECT_EQ(verdict.subjects_size(), 2);
  }
}

TEST(SecurityUpdates, JudgeEveryPackageManagerThatApplies) {
  v1::PackageFacts apt = apt_facts();
  add_update(apt, "openssl", v1::SECURITY_YES);
  const SectionState rpm = observed("packages-rpm", apt_facts());
  const SectionState no_rpm = not_applicable("packages-rpm", "no rpm database");
  EXPECT_THAT(lines(judge(security_control(), {observed("packages-apt", apt), rpm})),
              ElementsAre("openssl | due | 1.0-2 waits", " | pass | no security updates wait"));
  EXPECT_THAT(lines(judge(security_control(), {no_rpm, observed("packages-apt", apt)})),
              ElementsAre("openssl | due | 1.0-2 waits", "rpm | not_applicable | no rpm database"));
  EXPECT_THAT(lines(judge(security_control(), {failed(without_facts("packages-rpm"), "killed"),
                                               observed("packages-apt", apt)})),
              ElementsAre(" | unknown | the probe packages-rpm could not look: killed",
                          "openssl | due | 1.0-2 waits"));
  const v1::Verdict none = judge(security_control(), {no_rpm});
  EXPECT_EQ(none.status(), v1::STATUS_NOT_APPLICABLE);
  EXPECT_EQ(none.summary(), "no rpm database");
  EXPECT_EQ(none.subject_count(), 0U);
  const v1::Verdict nothing = judge(security_control(), {});
  EXPECT_EQ(nothing.status(), v1::STATUS_UNKNOWN);
  EXPECT_EQ(nothing.summary(), "no probe of a package manager has reported yet");
}

TEST(PackageLists, AreJudgedByTheirAge) {
  struct Case {
    Duration age;
    v1::Status status;
    std::string summary;
  };
  const std::vector<Case> cases = {
      {hours(1), v1::STATUS_PASS, "the package lists were refreshed on 2026-11-21"},
      {-hours(1), v1::STATUS_PASS, "the package lists were refreshed on 2026-11-21"},
      {hours(48) - kMicrosecond, v1::STATUS_PASS, "the package lists were refreshed on 2026-11-19"},
      {hours(48), v1::STATUS_FAIL, "the package lists are 2 days old"},
      {days(9), v1::STATUS_FAIL, "the package lists are 9 days old"},
  };
  for (const Case& c : cases) {
    v1::PackageFacts facts = apt_facts();
    *facts.mutable_lists_updated_at() = to_proto(kNow - c.age);
    const v1::Verdict verdict =
        judge(control_of("package_lists_fresh"), {observed("packages-apt", facts)});
    EXPECT_EQ(verdict.status(), c.status);
    EXPECT_EQ(verdict.summary(), c.summary);
    EXPECT_FALSE(verdict.has_deadline());
  }
}

TEST(PackageLists, FailWhereThereAreNoneOrTheyWereNeverRefreshed) {
  v1::PackageFacts facts = apt_facts();
  facts.clear_lists_updated_at();
  const Control control = control_of("package_lists_fresh");
  EXPECT_EQ(judge(control, {observed("packages-apt", facts)}).status(), v1::STATUS_FAIL);
  EXPECT_EQ(judge(control, {observed("packages-apt", facts)}).summary(),
            "the package lists were never refreshed");
  facts.set_lists_present(false);
  EXPECT_EQ(judge(control, {observed("packages-apt", facts)}).summary(),
            "no package lists are present");
}

TEST(CertificateNotExpired, JudgesEveryCertificateByItsDates) {
  struct Case {
    Duration from;
    Duration to;
    v1::Status status;
    std::string reason;
  };
  const std::vector<Case> cases = {
      {-days(1), days(1), v1::STATUS_PASS, "a is valid until 2026-11-22"},
      {Duration(0), days(1), v1::STATUS_PASS, "a is valid until 2026-11-22"},
      {kMicrosecond, days(1), v1::STATUS_FAIL, "a is not valid before 2026-11-21T12:00:00Z"},
      {-days(1), kMicrosecond, v1::STATUS_PASS, "a is valid until 2026-11-21"},
      {-days(1), Duration(0), v1::STATUS_FAIL, "a expired on 2026-11-21"},
      {-days(9), -days(2), v1::STATUS_FAIL, "a expired on 2026-11-19"},
  };
  for (const Case& c : cases) {
    v1::CertificateFacts facts;
    add_certificate(add_file(facts, "/etc/a.pem"), "a", kNow + c.from, kNow + c.to);
    const v1::Verdict verdict =
        judge(control_of("certificate_not_expired"), {observed("certificates", facts)});
    EXPECT_EQ(verdict.status(), c.status);
    EXPECT_EQ(verdict.subjects(0).reason(), c.reason);
  }
}

TEST(CertificateNotExpired, NamesTheCertificatesOfAChainByTheirPosition) {
  v1::CertificateFacts facts;
  v1::CertificateFile& file = add_file(facts, "/etc/chain.pem");
  add_certificate(file, "www", kNow - days(1), kNow + days(60));
  add_certificate(file, "", kNow - days(9), kNow - days(2));
  add_certificate(file, "root", kNow - days(9), kNow + days(2));
  const v1::Verdict verdict =
      judge(control_of("certificate_not_expired"), {observed("certificates", facts)});
  EXPECT_THAT(lines(verdict),
              ElementsAre("/etc/chain.pem#2 | fail | /etc/chain.pem#2 expired on 2026-11-19",
                          "/etc/chain.pem | pass | www is valid until 2027-01-20",
                          "/etc/chain.pem#3 | pass | root is valid until 2026-11-23"));
  EXPECT_EQ(verdict.summary(), "1 of 3 certificates is not valid now: /etc/chain.pem#2");
  EXPECT_EQ(verdict.subject_count(), 3U);
}

TEST(CertificateNotExpired, IsUnknownOfWhatCannotBeRead) {
  v1::CertificateFacts facts;
  add_file(facts, "/etc/a.pem").set_error("Permission denied");
  v1::CertificateFile& half = add_file(facts, "/etc/b.pem");
  add_certificate(half, "b", kNow - days(1), kNow + days(1));
  half.set_error("the second is cut off");
  half.add_certificates()->set_common_name("no dates");
  v1::CertificateFile& directory = *facts.add_unreadable_directories();
  directory.set_path("/etc/ssl/private");
  directory.set_error("Permission denied");
  facts.set_files_omitted(7);
  const v1::Verdict verdict =
      judge(control_of("certificate_not_expired"), {observed("certificates", facts)});
  EXPECT_EQ(verdict.status(), v1::STATUS_UNKNOWN);
  EXPECT_THAT(
      lines(verdict),
      ElementsAre(" | unknown | 7 more files with certificates are beyond the probe's limit",
                  "/etc/a.pem | unknown | Permission denied",
                  "/etc/b.pem#2 | unknown | its dates could not be read",
                  "/etc/b.pem#3 | unknown | the second is cut off",
                  "/etc/ssl/private | unknown | Permission denied",
                  "/etc/b.pem | pass | b is valid until 2026-11-22"));
  EXPECT_EQ(verdict.summary(), "5 could not be read; 1 certificate is valid until 2026-11-22");
}

TEST(CertificateRules, DoNotApplyWhereThereIsNoCertificate) {
  for (const std::string rule : {"certificate_not_expired", "certificate_renewal"}) {
    const v1::Verdict verdict =
        judge(control_of(rule), {observed("certificates", v1::CertificateFacts())});
    EXPECT_EQ(verdict.status(), v1::STATUS_NOT_APPLICABLE);
    EXPECT_EQ(verdict.summary(), "no certificates were found");
  }
}

TEST(CertificateNotExpired, SumsUpSeveralByTheFirstEnd) {
  v1::CertificateFacts facts;
  add_certificate(add_file(facts, "/a"), "a", kNow - days(90), kNow + days(20));
  add_certificate(add_file(facts, "/b"), "b", kNow - days(90), kNow + days(200));
  EXPECT_EQ(
      judge(control_of("certificate_not_expired"), {observed("certificates", facts)}).summary(),
      "2 certificates are valid, the first ends on 2026-12-11");
}

TEST(CertificateRenewal, IsDueInTheWindowAndFailsHalfWayThroughIt) {
  Control control = control_of("certificate_renewal");
  control.renew_before = days(30);
  control.last_fraction = 0.25;
  struct Case {
    Duration lifetime;
    Duration left;
    v1::Status status;
  };
  const std::vector<Case> cases = {
      // A year: the window is 30 days.
      {days(365), days(30) + kMicrosecond, v1::STATUS_PASS},
      {days(365), days(30), v1::STATUS_DUE},
      {days(365), days(15) + kMicrosecond, v1::STATUS_DUE},
      {days(365), days(15), v1::STATUS_FAIL},
      {days(365), kMicrosecond, v1::STATUS_FAIL},
      {days(365), Duration(0), v1::STATUS_NOT_APPLICABLE},
      // Eight days: the window is two.
      {days(8), days(8), v1::STATUS_PASS},
      {days(8), days(2) + kMicrosecond, v1::STATUS_PASS},
      {days(8), days(2), v1::STATUS_DUE},
      {days(8), days(1), v1::STATUS_FAIL},
      // Dates the wrong way round, and none at all between them: no window.
      {-days(1), days(1), v1::STATUS_PASS},
      {Duration(0), days(1), v1::STATUS_PASS},
      {days(366 * 7000), days(366 * 6999), v1::STATUS_PASS},
  };
  for (const Case& c : cases) {
    v1::CertificateFacts facts;
    const TimePoint end = std::chrono::floor<std::chrono::seconds>(kNow + days(1));
    const TimePoint now = end - c.left;
    add_certificate(add_file(facts, "/a"), "a", end - c.lifetime, end);
    const v1::Verdict verdict = judge(control, {observed("certificates", facts, now)}, {}, now);
    EXPECT_EQ(verdict.status(), c.status) << c.lifetime.count() << " " << c.left.count();
    EXPECT_EQ(verdict.has_deadline(), c.status == v1::STATUS_DUE || c.status == v1::STATUS_FAIL);
  }
}

TEST(CertificateRenewal, SumsUpWhatShouldBeRenewed) {
  v1::CertificateFacts facts;
  add_certificate(add_file(facts, "/a"), "a", kNow - days(90), kNow + days(20));
  add_certificate(add_file(facts, "/b"), "b", kNow - days(90), kNow + days(200));
  v1::Verdict verdict = judge(control_of("certificate_renewal"), {observed("certificates", facts)});
  EXPECT_EQ(verdict.summary(),
            "1 of 2 certificates should be renewed, the first by 2026-12-11: /a");
  EXPECT_EQ(verdict.subjects(0).reason(), "a ends on 2026-12-11 and is not renewed");
  facts.mutable_files()->DeleteSubrange(0, 1);
  verdict = judge(control_of("certificate_renewal"), {observed("certificates", facts)});
  EXPECT_EQ(verdict.summary(), "no certificate is close to its end, the first ends on 2027-06-09");
}

TEST(HostReporting, FailsWhereTheHostIsSilent) {
  struct Case {
    std::optional<Duration> silence;
    v1::Status status;
    std::string summary;
  };
  const std::vector<Case> cases = {
      {std::nullopt, v1::STATUS_NOT_APPLICABLE, "it does not report to a collector"},
      {Duration(0), v1::STATUS_PASS, "it reports"},
      {std::chrono::minutes(15) - kMicrosecond, v1::STATUS_PASS, "it reports"},
      {std::chrono::minutes(15), v1::STATUS_FAIL, "it has not reported for 15 minutes"},
      {hours(3) + kMicrosecond, v1::STATUS_FAIL, "it has not reported for 3 hours"},
  };
  for (const Case& c : cases) {
    HostView host;
    if (c.silence) host.last_sync = kNow - *c.silence;
    const Evaluation evaluation = evaluate(host, {}, {{control_of("host_reporting")}}, kNow);
    EXPECT_EQ(evaluation.verdicts[0].status(), c.status);
    EXPECT_EQ(evaluation.verdicts[0].summary(), c.summary);
  }
}

TEST(Freshness, TellsWhyFactsCannotBeJudged) {
  struct Case {
    std::vector<SectionState> sections;
    v1::Status status;
    std::string summary;
  };
  v1::CertificateFacts facts;
  add_certificate(add_file(facts, "/a"), "a", kNow - days(90), kNow + days(200));
  SectionState newer = observed("certificates", facts);
  newer.facts_type = "muster.v9.CertificateFacts";
  SectionState damaged = observed("certificates", facts);
  damaged.facts = "\xff\xff";
  SectionState of_target = observed("certificates", facts);
  of_target.entity = "www.example.org:443";
  const SectionState never = without_facts("certificates");
  const std::vector<Case> cases = {
      {{}, v1::STATUS_UNKNOWN, "the probe certificates has not reported yet"},
      {{of_target}, v1::STATUS_UNKNOWN, "the probe certificates has not reported yet"},
      {{never}, v1::STATUS_UNKNOWN, "the probe certificates gave no facts"},
      {{failed(never, "killed after 30s")},
       v1::STATUS_UNKNOWN,
       "the probe certificates could not look: killed after 30s"},
      {{not_applicable("certificates", "no files here", kNow - hours(24) + kMicrosecond)},
       v1::STATUS_NOT_APPLICABLE,
       "no files here"},
      {{not_applicable("certificates", "no files here", kNow - hours(24))},
       v1::STATUS_UNKNOWN,
       "the facts of the probe certificates are too old, last seen 2026-11-20T12:00:00Z"},
      {{observed("certificates", facts, kNow - hours(24))},
       v1::STATUS_UNKNOWN,
       "the facts of the probe certificates are too old, last seen 2026-11-20T12:00:00Z"},
      {{failed(observed("certificates", facts, kNow - hours(24)), "killed after 30s")},
       v1::STATUS_UNKNOWN,
       "the facts of the probe certificates are too old, last seen 2026-11-20T12:00:00Z; the last "
       "look failed: killed after 30s"},
      {{newer},
       v1::STATUS_UNKNOWN,
       "the facts are of a type newer than this collector (muster.v9.CertificateFacts)"},
      {{damaged}, v1::STATUS_UNKNOWN, "the facts of the probe certificates are damaged"},
      {{failed(observed("certificates", facts, kNow - hours(24) + kMicrosecond), "killed")},
       v1::STATUS_PASS,
       "1 certificate is valid until 2027-06-09"},
      {{observed("certificates", facts, kNow + days(400))},
       v1::STATUS_PASS,
       "1 certificate is valid until 2027-06-09"},
  };
  for (const Case& c : cases) {
    const v1::Verdict verdict = judge(control_of("certificate_not_expired"), c.sections);
    EXPECT_EQ(verdict.status(), c.status);
    EXPECT_EQ(verdict.summary(), c.summary);
  }
}

TEST(Rules, HaveOneNameEachAndParametersThatThePolicyFileKnows) {
  for (const Rule& rule : all_rules()) {
    EXPECT_EQ(find_rule(rule.name), &rule);
    EXPECT_NE(rule.judge, nullptr);
  }
  EXPECT_EQ(find_rule("no_such_rule"), nullptr);
  EXPECT_EQ(judge(control_of("no_such_rule"), {}).summary(), "there is no rule 'no_such_rule'");
}

}  // namespace
}  // namespace muster::policy
