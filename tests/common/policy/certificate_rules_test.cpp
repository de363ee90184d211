#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "common/policy/rules.h"
#include "tests/common/policy/judging.h"

namespace muster::policy {
namespace {

using namespace muster::testing;  // the words of the tests
using ::testing::ElementsAre;

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
  control.parameters = {{"renew_before", Duration(days(30))}, {"last_fraction", 0.25}};
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

}  // namespace
}  // namespace muster::policy
