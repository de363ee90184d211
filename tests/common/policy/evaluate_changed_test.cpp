// Which controls are judged again: only those that what changed can have changed. That this is as
// good as judging all of them, standing_test.cpp says.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "common/policy/evaluation.h"
#include "common/policy/rules.h"
#include "muster/v1/firmware_facts.pb.h"
#include "muster/v1/hardware_facts.pb.h"
#include "muster/v1/listener_facts.pb.h"
#include "tests/common/policy/facts.h"
#include "tests/common/policy/protection.h"
#include "tests/common/policy/restart.h"

namespace muster::policy {
namespace {

using namespace muster::testing;  // the words of the tests

// A control for each rule, with its name.
Policy every_rule() {
  Policy policy;
  for (const Rule& rule : all_rules()) {
    const std::string name(rule.name);
    policy.controls.push_back({.id = name, .title = name, .rule = name});
    if (!rule.kind.empty()) policy.controls.back().applies_to.kind = rule.kind;
  }
  return policy;
}

// As the fleet does it.
Evaluation judge_changed(const HostView& host, const FirstSeen& first_seen, const Policy& policy,
                         TimePoint now, std::span<const Standing> earlier,
                         std::span<const std::string_view> changed) {
  const HostOs os = os_of(host.sections);
  return evaluate_changed(host, first_seen, policy, scope_of(policy, traits_of(host, os)), now,
                          earlier, changed);
}

// Standings that no judging gives: those that are still there were kept.
std::vector<Standing> marked(std::vector<Standing> standings) {
  for (Standing& standing : standings)
    standing.deadline = TimePoint(hours(1));
  return standings;
}

bool is_marked(const Standing& standing) {
  return standing.deadline == TimePoint(hours(1));
}

TEST(EvaluateChanged, KeepsOnlyWhatLooksAtNoneOfTheChangedProbes) {
  const std::vector<SectionState> sections{observed("packages-apt", whole_apt_facts()),
                                           observed("restart", restart_facts()),
                                           observed("lifecycle", lifecycle_facts()),
                                           observed("certificates", v1::CertificateFacts()),
                                           observed("listeners", v1::ListenerFacts()),
                                           observed("firmware", v1::FirmwareFacts()),
                                           observed("hardware", v1::HardwareFacts()),
                                           antivirus({clamav()}),
                                           intrusion({aide(), auditd()})};
  const HostView view{.sections = sections, .last_sync = kNow};
  const Evaluation earlier = evaluate(view, {}, every_rule(), kNow);
  const auto judged = [&](std::vector<std::string_view> changed, TimePoint now) {
    std::vector<std::string> controls;
    const Evaluation evaluation = judge_changed(view, earlier.first_seen, every_rule(), now,
                                                marked(earlier.standings), changed);
    for (size_t i = 0; i < evaluation.standings.size(); ++i) {
      if (!is_marked(evaluation.standings[i])) controls.push_back(every_rule().controls[i].id);
    }
    return controls;
  };
  using ::testing::ElementsAre;
  EXPECT_THAT(judged({}, kNow), ElementsAre("host_reporting"));
  // Whether it is a machine of its own.
  EXPECT_THAT(judged({"host"}, kNow),
              ElementsAre("firmware_covered", "firmware_updates", "microcode_uniform",
                          "processor_vulnerabilities", "secure_boot", "arrays_redundant",
                          "disks_healthy", "memory_errors_few", "host_reporting"));
  EXPECT_THAT(judged({"firmware"}, kNow),
              ElementsAre("firmware_baseline", "firmware_covered", "firmware_activated",
                          "firmware_updates", "microcode_uniform", "processor_vulnerabilities",
                          "secure_boot", "host_reporting"));
  // Probes whose names begin alike.
  EXPECT_THAT(judged({"firmware-fwupd"}, kNow),
              ElementsAre("firmware_baseline", "firmware_covered", "firmware_activated",
                          "firmware_updates", "microcode_uniform", "processor_vulnerabilities",
                          "secure_boot", "firmware_upgrades", "host_reporting"));
  EXPECT_THAT(judged({"certificates"}, kNow),
              ElementsAre("certificate_not_expired", "certificate_renewal",
                          "revocation_lists_current", "key_files_private", "keys_match",
                          "served_name_matches", "served_is_on_disk", "host_reporting"));
  EXPECT_THAT(judged({"listeners"}, kNow),
              ElementsAre("served_certificate_valid", "served_certificate_renewal",
                          "served_name_matches", "served_chain_trusted", "served_not_revoked",
                          "tls_strong", "served_is_on_disk", "listeners_known", "host_reporting"));
  // A package manager that was not there before.
  EXPECT_THAT(judged({"packages-rpm"}, kNow),
              ElementsAre("security_updates", "package_lists_fresh", "held_security_updates",
                          "packages_whole", "packages_have_repository", "repository_keys_valid",
                          "automatic_updates_on", "reboot_done", "host_reporting"));
  EXPECT_THAT(judged({"restart"}, kNow),
              ElementsAre("reboot_done", "services_restarted", "host_reporting"));
  EXPECT_THAT(judged({"lifecycle"}, kNow), ElementsAre("system_supported", "host_reporting"));
  EXPECT_THAT(
      judged({"antivirus"}, kNow),
      ElementsAre("antivirus_present", "antivirus_protects", "signatures_fresh",
                  "signatures_loaded", "full_scan_recent", "threats_resolved", "exclusions_allowed",
                  "management_connected", "protection_licensed", "host_reporting"));
  EXPECT_THAT(
      judged({"intrusion-detection"}, kNow),
      ElementsAre("management_connected", "protection_licensed", "intrusion_detection_present",
                  "intrusion_detection_checks", "baseline_recent", "changes_acknowledged",
                  "events_not_lost", "host_reporting"));
  EXPECT_THAT(judged({}, kNow + hours(24)), ::testing::SizeIs(46));
}

TEST(EvaluateChanged, JudgesAnewWhatIsUnknownAndEverythingUnderAnotherPolicy) {
  const std::vector<SectionState> sections{observed("packages-apt", whole_apt_facts()),
                                           observed("restart", restart_facts()),
                                           observed("lifecycle", lifecycle_facts()),
                                           observed("firmware", v1::FirmwareFacts()),
                                           observed("hardware", v1::HardwareFacts()),
                                           antivirus({clamav()}),
                                           intrusion({aide(), auditd()})};
  const HostView view{.sections = sections, .last_sync = kNow};
  const Policy policy = every_rule();
  const Evaluation earlier = evaluate(view, {}, policy, kNow);
  const std::vector<Standing> standings =
      judge_changed(view, {}, policy, kNow, marked(earlier.standings), {}).standings;
  for (size_t i = 0; i < standings.size(); ++i) {
    const bool is_unknown = earlier.standings[i].status == v1::STATUS_UNKNOWN;
    const RuleProbes& probes = find_rule(policy.controls[i].rule)->probes;
    EXPECT_EQ(is_unknown, probes.include("certificates") || probes.include("listeners"));
    EXPECT_EQ(is_marked(standings[i]), !is_unknown && policy.controls[i].rule != "host_reporting");
  }
  const Evaluation other =
      judge_changed(view, {}, {{policy.controls[0]}}, kNow, marked(earlier.standings), {});
  ASSERT_EQ(other.standings.size(), 1u);
  EXPECT_FALSE(is_marked(other.standings[0]));
}

// The subject that fails hides the unknown one in the status, and not from who judges.
TEST(EvaluateChanged, JudgesAnewWhatHasAnUnknownSubjectBesideAWorseOne) {
  v1::PackageFacts facts = apt_facts();
  add_update(facts, "openssl", v1::SECURITY_YES);
  const std::vector<SectionState> sections{observed("packages-apt", facts),
                                           without_facts("packages-rpm")};
  const HostView view{.sections = sections, .last_sync = kNow};
  const Policy policy{{every_rule().controls[0]}};
  const Evaluation earlier = evaluate(view, {}, policy, kNow);
  EXPECT_EQ(earlier.standings[0].status, v1::STATUS_FAIL);
  EXPECT_TRUE(earlier.standings[0].has_unknown);
  EXPECT_FALSE(
      is_marked(judge_changed(view, {}, policy, kNow, marked(earlier.standings), {}).standings[0]));
}

}  // namespace
}  // namespace muster::policy
