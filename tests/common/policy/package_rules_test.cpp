#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "common/policy/rules.h"
#include "tests/common/policy/judging.h"

namespace muster::policy {
namespace {

using namespace muster::testing;  // the words of the tests
using ::testing::ElementsAre;
using ::testing::HasSubstr;

Control security_control() {
  Control control = control_of("security_updates");
  control.deadlines = Deadlines::all(days(14));
  return control;
}

TEST(SecurityUpdates, PassWhereNoneWaits) {
  v1::PackageFacts facts = apt_facts();
  add_update(facts, "vim", v1::SECURITY_NO);
  const v1::Verdict verdict = judge(security_control(), {observed("packages-apt", facts)});
  EXPECT_EQ(verdict.status(), v1::STATUS_PASS);
  EXPECT_EQ(verdict.summary(), "no security updates wait");
  EXPECT_EQ(verdict.subject_count(), 1U);
}

v1::PendingUpdate& add_binary(v1::PackageFacts& facts, std::string_view package,
                              std::string_view source, v1::Security security = v1::SECURITY_YES) {
  v1::PendingUpdate& update = add_update(facts, package, security);
  update.set_source_package(std::string(source));
  return update;
}

TEST(SecurityUpdates, MakeEverySourcePackageASubject) {
  v1::PackageFacts facts = apt_facts();
  add_update(facts, "libc6", v1::SECURITY_YES, "amd64").set_source_package("glibc");
  add_update(facts, "libc6", v1::SECURITY_YES, "i386").set_source_package("glibc");
  v1::PendingUpdate& held = add_binary(facts, "openssl", "openssl");
  held.set_would_install(false);
  held.set_not_installed_because("held");
  // Of the same source, and in another place of the list.
  add_binary(facts, "libc-bin", "glibc").set_candidate_version("1.0-3");
  const v1::Verdict verdict = judge(security_control(), {observed("packages-apt", facts)});
  EXPECT_EQ(verdict.status(), v1::STATUS_DUE);
  EXPECT_EQ(verdict.summary(),
            "2 security updates wait: glibc, openssl (1 of them an upgrade would not install)");
  EXPECT_EQ(from_proto(verdict.deadline()), kNow + days(14));
  EXPECT_THAT(
      lines(verdict),
      ElementsAre("glibc | due | 1.0-3, 1.0-2 wait: libc-bin, libc6",
                  "openssl | due | 1.0-2 waits, but an upgrade would not install it: held"));
}

TEST(SecurityUpdates, SayWhatIsInTheWayOfEachBinary) {
  v1::PackageFacts facts = apt_facts();
  add_binary(facts, "openssl", "openssl");
  v1::PendingUpdate& held = add_binary(facts, "libssl3", "openssl");
  held.set_would_install(false);
  held.set_not_installed_because("held");
  v1::PendingUpdate& phased = add_binary(facts, "libssl-dev", "openssl");
  phased.set_would_install(false);
  EXPECT_THAT(
      lines(judge(security_control(), {observed("packages-apt", facts)})),
      ElementsAre("openssl | due | 1.0-2 waits: libssl-dev, libssl3, openssl, but an "
                  "upgrade would not install libssl-dev (no reason given), libssl3 (held)"));
}

TEST(SecurityUpdates, HaveTheDeadlineOfTheirWorstAdvisory) {
  struct Case {
    v1::AdvisorySeverity severity;
    Duration time;
  };
  Control control = control_of("security_updates");
  control.severity = v1::SEVERITY_HIGH;
  control.deadlines = {.low = days(90), .medium = days(30), .high = days(14), .critical = days(3)};
  for (const Case& c : {Case{v1::ADVISORY_SEVERITY_CRITICAL, days(3)},
                        {v1::ADVISORY_SEVERITY_IMPORTANT, days(14)},
                        {v1::ADVISORY_SEVERITY_MODERATE, days(30)},
                        {v1::ADVISORY_SEVERITY_LOW, days(90)},
                        {v1::ADVISORY_SEVERITY_UNSPECIFIED, days(14)},
                        {static_cast<v1::AdvisorySeverity>(99), days(14)}}) {
    v1::PackageFacts facts = apt_facts();
    add_binary(facts, "openssl", "openssl");
    add_binary(facts, "libssl3", "openssl").set_severity(c.severity);
    EXPECT_EQ(from_proto(judge(control, {observed("packages-apt", facts)}).deadline()),
              kNow + c.time);
  }
}

TEST(SecurityUpdates, NameTheirAdvisories) {
  v1::PackageFacts facts = apt_facts();
  for (const char* package : {"openssl", "openssl-libs"}) {
    v1::PendingUpdate& update = add_binary(facts, package, "openssl");
    v1::Advisory& fix = *update.add_advisories();
    fix.set_id("RHBA-2026:7");
    fix.set_kind(v1::ADVISORY_KIND_BUGFIX);
    v1::Advisory& advisory = *update.add_advisories();
    advisory.set_id("RHSA-2026:1");
    advisory.set_kind(v1::ADVISORY_KIND_SECURITY);
    *advisory.mutable_issued_at() = to_proto(kNow - days(3));
    advisory.add_cves("CVE-2026-1");
    advisory.add_cves("CVE-2026-2");
  }
  EXPECT_THAT(lines(judge(security_control(), {observed("packages-rpm", facts)})),
              ElementsAre("openssl | due | 1.0-2 waits: openssl, openssl-libs (RHSA-2026:1, "
                          "CVE-2026-1)"));
}

// A probe that is broken, or worse, may say anything in any number.
TEST(SecurityUpdates, AreToldInASentenceHoweverManyThereAre) {
  v1::PackageFacts facts = apt_facts();
  constexpr int kMany = 5'000;
  for (int i = 0; i < kMany; ++i) {
    const std::string name = "lib" + std::to_string(i) + std::string(i == 0 ? 5'000 : 0, 'x');
    v1::PendingUpdate& update = add_binary(facts, name, std::string(300, 's'));
    update.set_candidate_version(std::to_string(i));
    update.set_would_install(false);
    update.set_not_installed_because("because of " + std::to_string(i));
    update.add_advisories()->set_kind(v1::ADVISORY_KIND_SECURITY);
    update.mutable_advisories(0)->set_id("A-" + std::to_string(i));
    facts.add_held(name);
    facts.add_excluded("excluded" + std::to_string(i));
  }
  const std::vector<SectionState> sections{observed("packages-apt", facts)};
  const Policy policy{{security_control()}};
  const v1::Verdict verdict = evaluate({.sections = sections}, {}, policy, kNow).verdicts.at(0);
  EXPECT_EQ(verdict.subject_count(), kMany + 1U);
  EXPECT_EQ(verdict.subjects_size(), 1'000);
  const auto held = judge(control_of("held_security_updates"), sections);
  EXPECT_LE(held.subjects(0).subject().size(), 256U);
  EXPECT_LE(held.subjects(0).reason().size(), 4'000U);
  EXPECT_THAT(held.subjects(0).reason(), HasSubstr(" and 4997 more wait: "));
}

TEST(SecurityUpdates, AreRememberedBySourceWhicheverBinaryWaits) {
  v1::PackageFacts facts = apt_facts();
  add_binary(facts, "libssl3", "openssl");
  const FirstSeen before{{{"", "c", "openssl"}, kNow - days(15)}};
  const v1::Verdict verdict = judge(security_control(), {observed("packages-apt", facts)}, before);
  EXPECT_EQ(verdict.status(), v1::STATUS_FAIL);
  EXPECT_EQ(from_proto(verdict.subjects(0).first_failed_at()), kNow - days(15));
}

TEST(SecurityUpdates, OfWhatTheConfigurationLeavesOutAreUnknown) {
  v1::PackageFacts facts = apt_facts();
  add_binary(facts, "openssl", "openssl");
  for (const char* package : {"kernel", "kernel", "openssl"})
    facts.add_excluded(package);
  const v1::Verdict verdict = judge(security_control(), {observed("packages-rpm", facts)});
  EXPECT_EQ(verdict.status(), v1::STATUS_UNKNOWN);
  EXPECT_EQ(verdict.summary(), "1 security update waits: openssl");
  EXPECT_THAT(lines(verdict),
              ElementsAre("kernel | unknown | the package manager's configuration leaves its "
                          "updates out, so nobody sees whether they close security holes",
                          "openssl | due | 1.0-2 waits"));
}

TEST(SecurityUpdates, SpeakOfOneInTheSingular) {
  v1::PackageFacts facts = apt_facts();
  add_update(facts, "openssl", v1::SECURITY_YES);
  EXPECT_EQ(judge(security_control(), {observed("packages-apt", facts)}).summary(),
            "1 security update waits: openssl");
}

TEST(SecurityUpdates, AreUnknownWhereTheRepositoryDoesNotTell) {
  v1::PackageFacts facts = apt_facts();
  facts.add_repositories_without_errata("epel");
  facts.add_repositories_without_errata("docker-ce");
  // What waits nowhere closes no holes, whoever tells.
  EXPECT_THAT(lines(judge(security_control(), {observed("packages-rpm", facts)})),
              ElementsAre(" | pass | no security updates wait, nor any of epel, docker-ce, which "
                          "would not tell"));
  add_update(facts, "nginx", v1::SECURITY_UNSPECIFIED);
  const v1::Verdict verdict = judge(security_control(), {observed("packages-rpm", facts)});
  EXPECT_EQ(verdict.status(), v1::STATUS_UNKNOWN);
  EXPECT_EQ(verdict.summary(),
            "security: unknown; nobody tells of the updates of 1 package: nginx");
  EXPECT_THAT(lines(verdict),
              ElementsAre("nginx | unknown | 1.0-2 waits; its repository does not tell whether it "
                          "closes security holes"));
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

}  // namespace
}  // namespace muster::policy
