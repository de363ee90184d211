#include "collector/policy_test/policy_case_run.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "collector/policy_test/policy_case_file.h"
#include "collector/policy_test/policy_test_text.h"
#include "tests/collector/policy_test/a_policy.h"

namespace muster::collector {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// What does not hold of a host whose openssl has waited since 5 November.
std::vector<std::string> mismatches(const std::string& expect, const std::string& host = "web1") {
  const policy::Policy policy = a_policy();
  const absl::StatusOr<std::vector<PolicyCase>> cases = parse_policy_cases(
      "tests:\n"
      "  - name: a\n"
      "    at: 2026-11-22T03:00:00Z\n"
      "    host: {name: " +
          host +
          ", labels: {role: web}}\n"
          "    facts:\n"
          "      packages-apt:\n"
          "        facts:\n"
          "          lists_present: true\n"
          "          lists_updated_at: 2026-11-22\n"
          "          pending_updates:\n"
          "            - {package: openssl, candidate_version: '3', security: SECURITY_YES, "
          "would_install: true}\n"
          "            - {package: linux-image, candidate_version: '6', security: SECURITY_YES, "
          "would_install: true}\n"
          "    unmet_since: {security-updates: {openssl: 2026-11-05}}\n"
          "    " +
          expect + "\n",
      "t.yml", {.policy = policy, .at = {}, .read_recorded = {}});
  EXPECT_EQ(cases.status(), absl::OkStatus());
  if (!cases.ok()) return {};
  std::vector<std::string> lines;
  const v1::PolicyTestResult result = run_policy_case(cases->front(), policy);
  for (const v1::PolicyTestMismatch& m : result.mismatches()) {
    lines.push_back(fmt::format("{}|{}|{}|{}|{}|{}", m.control(), m.subject(), m.field(),
                                m.expected(), m.got(), m.reason()));
  }
  return lines;
}

TEST(RunPolicyCase, SaysNothingWhereAllIsAsExpected) {
  EXPECT_THAT(mismatches("expect: {security-updates: {status: fail, deadline: 2026-11-19, summary: "
                         "'2 security updates wait: *', subjects: {openssl: {status: fail, "
                         "reason: '3 waits', waiver: none}, linux-image: due}}, "
                         "certificate-valid: unknown, debian-only: unknown}\n"
                         "    expect_owner: web\n"
                         "    expect_maintenance: [sunday]"),
              IsEmpty());
}

TEST(RunPolicyCase, SaysWhatIsNotAsExpectedAndWhy) {
  const std::string waiting = "2 security updates wait: linux-image, openssl";
  struct Case {
    std::string expect;
    std::string line;
  };
  const Case cases[] = {
      {"expect: {security-updates: due}", "security-updates||status|due|fail|" + waiting},
      {"expect: {security-updates: {deadline: 2026-11-20}}",
       "security-updates||deadline|2026-11-20T00:00:00Z|2026-11-19T00:00:00Z|" + waiting},
      {"expect: {security-updates: {deadline: none}}",
       "security-updates||deadline|none|2026-11-19T00:00:00Z|" + waiting},
      {"expect: {security-updates: {summary: 'all is well'}}",
       "security-updates||summary|all is well|" + waiting + "|"},
      {"expect: {security-updates: {subjects: {openssl: waived}}}",
       "security-updates|openssl|status|waived|fail|3 waits"},
      {"expect: {security-updates: {subjects: {openssl: {waiver: freeze}}}}",
       "security-updates|openssl|waiver|freeze|none|3 waits"},
      {"expect: {security-updates: {subjects: {openssl: {reason: '4*'}}}}",
       "security-updates|openssl|reason|4*|3 waits|"},
      {"expect: {security-updates: {subjects: {bash: fail}}}",
       "security-updates|bash|status|fail|no such subject|its subjects are openssl, linux-image"},
      {"expect: {certificate-valid: {subjects: {/a.pem: fail}}}",
       "certificate-valid|/a.pem|status|fail|no such subject|the verdict is about it as a "
       "whole: the probe certificates has not reported yet"},
      {"expect_owner: none", "||owner|none|web|"},
      {"expect_maintenance: []", "||maintenance|none|sunday|"},
  };
  for (const Case& c : cases)
    EXPECT_THAT(mismatches(c.expect), ElementsAre(c.line));
}

TEST(RunPolicyCase, JudgesATarget) {
  const policy::Policy policy = a_policy();
  const absl::StatusOr<std::vector<PolicyCase>> cases = parse_policy_cases(
      "at: 2026-11-22\n"
      "tests:\n"
      "  - name: a\n"
      "    target: {name: shop, kind: tcp, labels: {role: web}}\n"
      "    facts: {tcp: {facts: {address: 'shop:443', answer: TCP_ANSWER_REFUSED}}}\n"
      "    expect: {shop-answers: {status: fail, summary: 'shop:443: the connection is refused'}}\n"
      "    expect_owner: web\n",
      "t.yml", {.policy = policy, .at = {}, .read_recorded = {}});
  ASSERT_EQ(cases.status(), absl::OkStatus());
  EXPECT_EQ(run_policy_case(cases->front(), policy).mismatches_size(), 0);
}

TEST(RunPolicyCase, KnowsWaivers) {
  EXPECT_THAT(mismatches("expect: {security-updates: {subjects: {linux-image: {status: waived, "
                         "waiver: freeze, reason: '*by ops: release'}}}}",
                         "db1"),
              IsEmpty());
}

TEST(PolicyTestText, ShowsOnlyWhatDoesNotHold) {
  v1::PolicyTestReport report;
  report.add_tests()->set_name("good");
  v1::PolicyTestResult& bad = *report.add_tests();
  bad.set_file("policy.d/10_test.yml");
  bad.set_name("an update that waits");
  v1::PolicyTestMismatch& mismatch = *bad.add_mismatches();
  mismatch.set_control("security-updates");
  mismatch.set_subject("openssl");
  mismatch.set_field("status");
  mismatch.set_expected("fail");
  mismatch.set_got("due");
  mismatch.set_reason("3.0.15 waits\x1b[2J");
  v1::PolicyTestMismatch& owner = *bad.add_mismatches();
  owner.set_field("owner");
  owner.set_expected("web");
  owner.set_got("none");
  report.set_failed(1);
  EXPECT_EQ(policy_test_text(report, {.color = false, .unicode = true, .width = 80}),
            "FAILED an update that waits\n"
            "  in policy.d/10_test.yml\n"
            "  security-updates, openssl: expected fail, got due\n"
            "    because: 3.0.15 waits\\x1b[2J\n"
            "  as a whole: expected owner web, got none\n"
            "\n"
            "2 tests, 1 failed\n");
  v1::PolicyTestReport good;
  good.add_tests();
  EXPECT_EQ(policy_test_text(good, {}), "1 test, all hold\n");
}

}  // namespace
}  // namespace muster::collector
