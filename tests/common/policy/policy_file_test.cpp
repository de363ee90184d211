#include "common/policy/policy_file.h"

#include <gtest/gtest.h>

#include <cctype>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "common/policy/rules.h"

namespace muster::policy {
namespace {

TEST(DefaultPolicy, HasTheControlsThatTheDocumentationNames) {
  std::vector<std::string> ids;
  for (const Control& control : default_policy().controls)
    ids.push_back(control.id);
  EXPECT_EQ(ids, (std::vector<std::string>{"security-updates",
                                           "package-lists-fresh",
                                           "held-security-updates",
                                           "packages-whole",
                                           "packages-have-repository",
                                           "repository-keys",
                                           "automatic-updates",
                                           "reboot-done",
                                           "services-restarted",
                                           "system-supported",
                                           "firmware-baseline",
                                           "firmware-covered",
                                           "firmware-activated",
                                           "firmware-updates-done",
                                           "microcode-uniform",
                                           "processor-vulnerabilities",
                                           "secure-boot",
                                           "firmware-upgrades-pending",
                                           "arrays-redundant",
                                           "disks-healthy",
                                           "memory-errors",
                                           "certificate-valid",
                                           "certificate-renewal",
                                           "revocation-lists-current",
                                           "key-files-private",
                                           "keys-match",
                                           "listener-certificate-valid",
                                           "listener-certificate-renewal",
                                           "listener-certificate-name",
                                           "listener-certificate-chain",
                                           "listener-certificate-revocation",
                                           "listener-tls-strong",
                                           "listener-serves-disk",
                                           "listeners-known",
                                           "antivirus-present",
                                           "antivirus-protects",
                                           "signatures-fresh",
                                           "signatures-loaded",
                                           "full-scan-recent",
                                           "threats-resolved",
                                           "exclusions-allowed",
                                           "management-connected",
                                           "protection-licensed",
                                           "intrusion-detection-present",
                                           "intrusion-detection-checks",
                                           "baseline-recent",
                                           "changes-acknowledged",
                                           "events-not-lost",
                                           "host-reporting",
                                           "agent-sandboxed",
                                           "agent-sees-all",
                                           "waivers-current",
                                           "tcp-answers",
                                           "endpoint-answers",
                                           "endpoint-certificate-valid",
                                           "endpoint-certificate-renewal",
                                           "endpoint-certificate-name",
                                           "endpoint-certificate-chain",
                                           "endpoint-certificate-revocation",
                                           "endpoint-tls-strong",
                                           "domain-renewed",
                                           "domain-in-force",
                                           "domain-locked",
                                           "domain-registrar",
                                           "domain-delegation",
                                           "domain-known",
                                           "lookalikes-watched",
                                           "zone-delegation",
                                           "zone-signed",
                                           "zone-signatures-current",
                                           "zone-spf",
                                           "zone-dmarc",
                                           "zone-dkim",
                                           "zone-caa"}));
  const Control& security = default_policy().controls[0];
  EXPECT_EQ(security.severity, v1::SEVERITY_HIGH);
  // Two weeks where nobody says how much an update matters.
  EXPECT_EQ(security.deadlines.of(security.severity), std::chrono::days(14));
  EXPECT_EQ(security.deadlines.critical, std::chrono::days(3));
  EXPECT_EQ(security.max_age, std::chrono::hours(24));
  EXPECT_EQ(default_policy().find_control("certificate-valid")->severity, v1::SEVERITY_CRITICAL);
}

TEST(DefaultPolicy, IsPrintedAsItIsRead) {
  EXPECT_TRUE(default_policy_text().starts_with("# The policy that Muster judges by"));
  EXPECT_TRUE(default_policy_text().ends_with("\n"));
}

TEST(DefaultPolicy, KnowsTheLabelsThatEveryPanelAndAlertMayUse) {
  EXPECT_EQ(default_policy().labels,
            (std::map<std::string, std::vector<std::string>>{
                {"environment", {}}, {"owner", {}}, {"role", {}}, {"site", {}}, {"updates", {}}}));
}

// A line with # right before a key begins an example, which goes to the next empty line.
std::string with_examples(std::string_view text) {
  std::string result;
  bool is_example = false;
  while (!text.empty()) {
    const size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end + 1);
    const bool begins = line.size() > 1 && line[0] == '#' && std::islower(line[1]) != 0;
    is_example = begins || (is_example && !line.empty());
    if (is_example) line.remove_prefix(1);
    result += std::string(line) + "\n";
  }
  return result;
}

TEST(DefaultPolicy, HasExamplesThatWorkForAllThatASiteFillsIn) {
  const absl::StatusOr<Policy> policy =
      parse_policy(with_examples(default_policy_text()), "default_policy.yml");
  ASSERT_TRUE(policy.ok()) << policy.status();
  EXPECT_EQ(policy->controls, default_policy().controls);
  EXPECT_EQ(policy->groups.size(), 2U);
  EXPECT_EQ(policy->owners.size(), 2U);
  EXPECT_EQ(policy->waivers.size(), 1U);
  EXPECT_EQ(policy->maintenance.size(), 2U);
  EXPECT_EQ(policy->dates.size(), 1U);
}

ParameterValue told(const Control& control, std::string_view name) {
  const ParameterValue* const value = find_parameter(control, name);
  return value == nullptr ? ParameterValue(-1.0) : *value;
}

TEST(PolicyFile, ReadsEveryParameterOfEveryRule) {
  const absl::StatusOr<Policy> policy = parse_policy(
      "controls:\n"
      "  - {id: a, title: A, rule: security_updates, severity: low, max_age: 1h, deadline: 2d}\n"
      "  - {id: b, title: B, rule: package_lists_fresh, lists_max_age: 3d, deadline: 4d}\n"
      "  - {id: c, title: C, rule: certificate_not_expired}\n"
      "  - {id: d, title: D, rule: certificate_renewal, renew_before: 5d, last_fraction: 0.2}\n"
      "  - {id: e, title: E, rule: host_reporting, silent_after: 6m, severity: critical}\n"
      "  - {id: f, title: F, rule: agent_sandboxed}\n"
      "  - {id: g, title: G, rule: agent_sees_all}\n"
      "  - {id: h, title: H, rule: waivers_current, warn_before: 7m}\n"
      "  - {id: i, title: I, rule: tcp_answers, within: 8s, applies_to: {kind: tcp}}\n"
      "  - {id: j, title: J, rule: system_supported, warn_before: 9d}\n"
      "  - {id: k, title: K, rule: packages_have_repository, at_most: 10, deadline: 1d}\n"
      "  - {id: l, title: L, rule: held_security_updates}\n"
      "  - {id: m, title: M, rule: packages_whole}\n"
      "  - {id: n, title: N, rule: repository_keys_valid}\n"
      "  - {id: o, title: O, rule: automatic_updates_on}\n"
      "  - {id: p, title: P, rule: reboot_done, deadline: 2w}\n"
      "  - {id: q, title: Q, rule: services_restarted}\n"
      "  - {id: r, title: R, rule: antivirus_present}\n"
      "  - {id: s, title: S, rule: antivirus_protects, scan_max_age: 18d}\n"
      "  - {id: t, title: T, rule: signatures_fresh, signatures_max_age: 19d}\n"
      "  - {id: u, title: U, rule: signatures_loaded}\n"
      "  - {id: v, title: V, rule: full_scan_recent, scan_max_age: 21d}\n"
      "  - {id: w, title: W, rule: threats_resolved}\n"
      "  - {id: x, title: X, rule: exclusions_allowed, allowed: ['path /proc', '*: file type *']}\n"
      "  - {id: y, title: Y, rule: management_connected, silent_after: 24h}\n"
      "  - {id: z, title: Z, rule: protection_licensed, warn_before: 25d}\n"
      "  - {id: a1, title: A1, rule: intrusion_detection_present}\n"
      "  - {id: b1, title: B1, rule: intrusion_detection_checks, check_max_age: 27d}\n"
      "  - {id: c1, title: C1, rule: baseline_recent, baseline_max_age: 28d}\n"
      "  - {id: d1, title: D1, rule: changes_acknowledged}\n"
      "  - {id: e1, title: E1, rule: events_not_lost, at_most: 30}\n"
      "  - {id: f1, title: F1, rule: revocation_lists_current, renew_before: 31d}\n"
      "  - {id: g1, title: G1, rule: key_files_private, groups: [ssl-cert]}\n"
      "  - {id: h1, title: H1, rule: keys_match}\n"
      "  - {id: i1, title: I1, rule: served_certificate_valid, applies_to: {kind: tls}}\n"
      "  - {id: j1, title: J1, rule: served_certificate_renewal, last_fraction: 0.35}\n"
      "  - {id: k1, title: K1, rule: served_name_matches}\n"
      "  - {id: l1, title: L1, rule: served_chain_trusted, allow_self_signed: ['*.internal']}\n"
      "  - {id: m1, title: M1, rule: served_not_revoked}\n"
      "  - {id: n1, title: N1, rule: tls_strong, minimum_version: 1.3, minimum_rsa_bits: 3072}\n"
      "  - {id: o1, title: O1, rule: served_is_on_disk}\n"
      "  - {id: p1, title: P1, rule: tls_answers, applies_to: {kind: tls}}\n"
      "  - {id: q1, title: Q1, rule: listeners_known}\n"
      "  - {id: r1, title: R1, rule: domain_renewed, renew_before: 44d, applies_to: {kind: "
      "domain}}\n"
      "  - {id: s1, title: S1, rule: domain_in_force, applies_to: {kind: domain}}\n"
      "  - {id: t1, title: T1, rule: domain_locked, applies_to: {kind: domain}}\n"
      "  - {id: u1, title: U1, rule: domain_registrar, registrars: ['A*'], applies_to: {kind: "
      "domain}}\n"
      "  - {id: v1, title: V1, rule: domain_delegation, applies_to: {kind: domain}}\n"
      "  - {id: w1, title: W1, rule: domain_known, answered_within: 4d, applies_to: {kind: "
      "domain}}\n"
      "  - {id: x1, title: X1, rule: lookalikes_watched, applies_to: {kind: lookalikes}}\n"
      "  - {id: y1, title: Y1, rule: zone_delegation, deadline: 2h, applies_to: {kind: zone}}\n"
      "  - {id: z1, title: Z1, rule: zone_signed, required: true, applies_to: {kind: zone}}\n"
      "  - {id: a2, title: A2, rule: zone_signatures_current, min_remaining: 53d, applies_to: "
      "{kind: zone}}\n"
      "  - {id: b2, title: B2, rule: zone_spf, required: false, applies_to: {kind: zone}}\n"
      "  - {id: c2, title: C2, rule: zone_dmarc, policies: [reject], applies_to: {kind: zone}}\n"
      "  - {id: d2, title: D2, rule: zone_dkim, minimum_rsa_bits: 2048, applies_to: {kind: zone}}\n"
      "  - {id: e2, title: E2, rule: zone_caa, issuers: [ca.example], applies_to: {kind: zone}}\n"
      "  - {id: f2, title: F2, rule: firmware_baseline, deadline: 60d}\n"
      "  - {id: g2, title: G2, rule: firmware_covered}\n"
      "  - {id: h2, title: H2, rule: firmware_activated, deadline: 30d}\n"
      "  - {id: i2, title: I2, rule: firmware_updates}\n"
      "  - {id: j2, title: J2, rule: microcode_uniform}\n"
      "  - {id: k2, title: K2, rule: processor_vulnerabilities, accepted: [mds, 'spec_*']}\n"
      "  - {id: l2, title: L2, rule: secure_boot, required: true}\n"
      "  - {id: m2, title: M2, rule: arrays_redundant}\n"
      "  - {id: n2, title: N2, rule: disks_healthy, wear_percent: 80}\n"
      "  - {id: o2, title: O2, rule: memory_errors_few, at_most: 5}\n"
      "  - {id: p2, title: P2, rule: firmware_upgrades, urgency: [high], metadata_max_age: 7d}\n",
      "p.yml");
  ASSERT_TRUE(policy.ok()) << policy.status();
  const std::vector<Control>& controls = policy->controls;
  ASSERT_EQ(controls.size(), all_rules().size()) << "a new rule has its line above";
  EXPECT_EQ(controls[0].severity, v1::SEVERITY_LOW);
  EXPECT_EQ(controls[0].max_age, std::chrono::hours(1));
  EXPECT_EQ(controls[0].deadlines, Deadlines::all(std::chrono::days(2)));
  EXPECT_EQ(controls[1].severity, v1::SEVERITY_MEDIUM);
  EXPECT_EQ(told(controls[1], "lists_max_age"), ParameterValue(std::chrono::days(3)));
  EXPECT_EQ(controls[1].deadlines, Deadlines::all(std::chrono::days(4)));
  EXPECT_EQ(controls[2].title, "C");
  EXPECT_EQ(told(controls[3], "renew_before"), ParameterValue(std::chrono::days(5)));
  EXPECT_EQ(told(controls[3], "last_fraction"), ParameterValue(0.2));
  EXPECT_EQ(told(controls[4], "silent_after"), ParameterValue(std::chrono::minutes(6)));
  EXPECT_EQ(controls[4].severity, v1::SEVERITY_CRITICAL);
  EXPECT_EQ(told(controls[7], "warn_before"), ParameterValue(std::chrono::minutes(7)));
  EXPECT_EQ(told(controls[8], "within"), ParameterValue(std::chrono::seconds(8)));
  EXPECT_EQ(told(controls[9], "warn_before"), ParameterValue(std::chrono::days(9)));
  EXPECT_EQ(told(controls[10], "at_most"), ParameterValue(int64_t{10}));
  EXPECT_EQ(told(controls[18], "scan_max_age"), ParameterValue(std::chrono::days(18)));
  EXPECT_EQ(told(controls[19], "signatures_max_age"), ParameterValue(std::chrono::days(19)));
  EXPECT_EQ(told(controls[21], "scan_max_age"), ParameterValue(std::chrono::days(21)));
  EXPECT_EQ(told(controls[23], "allowed"), ParameterValue(Globs{"path /proc", "*: file type *"}));
  EXPECT_EQ(told(controls[24], "silent_after"), ParameterValue(std::chrono::hours(24)));
  EXPECT_EQ(told(controls[25], "warn_before"), ParameterValue(std::chrono::days(25)));
  EXPECT_EQ(told(controls[27], "check_max_age"), ParameterValue(std::chrono::days(27)));
  EXPECT_EQ(told(controls[28], "baseline_max_age"), ParameterValue(std::chrono::days(28)));
  EXPECT_EQ(told(controls[30], "at_most"), ParameterValue(int64_t{30}));
  EXPECT_EQ(told(controls[31], "renew_before"), ParameterValue(std::chrono::days(31)));
  EXPECT_EQ(told(controls[32], "groups"), ParameterValue(Globs{"ssl-cert"}));
  EXPECT_EQ(controls[34].applies_to.kind, "tls");
  EXPECT_EQ(told(controls[35], "last_fraction"), ParameterValue(0.35));
  EXPECT_EQ(told(controls[37], "allow_self_signed"), ParameterValue(Globs{"*.internal"}));
  EXPECT_EQ(told(controls[39], "minimum_version"), ParameterValue(1.3));
  EXPECT_EQ(told(controls[39], "minimum_rsa_bits"), ParameterValue(int64_t{3072}));
  EXPECT_EQ(told(controls[43], "renew_before"), ParameterValue(std::chrono::days(44)));
  EXPECT_EQ(told(controls[46], "registrars"), ParameterValue(Globs{"A*"}));
  EXPECT_EQ(told(controls[48], "answered_within"), ParameterValue(std::chrono::days(4)));
  EXPECT_EQ(told(controls[51], "required"), ParameterValue(int64_t{1}));
  EXPECT_EQ(told(controls[52], "min_remaining"), ParameterValue(std::chrono::days(53)));
  EXPECT_EQ(told(controls[53], "required"), ParameterValue(int64_t{0}));
  EXPECT_EQ(told(controls[54], "policies"), ParameterValue(Globs{"reject"}));
  EXPECT_EQ(told(controls[55], "minimum_rsa_bits"), ParameterValue(int64_t{2048}));
  EXPECT_EQ(told(controls[56], "issuers"), ParameterValue(Globs{"ca.example"}));
  EXPECT_EQ(told(controls[62], "accepted"), ParameterValue(Globs{"mds", "spec_*"}));
  EXPECT_EQ(told(controls[63], "required"), ParameterValue(int64_t{1}));
  EXPECT_EQ(told(controls[65], "wear_percent"), ParameterValue(int64_t{80}));
  EXPECT_EQ(told(controls[66], "at_most"), ParameterValue(int64_t{5}));
}

TEST(PolicyFile, RefusesWhatItDoesNotUnderstandAndSaysWhere) {
  struct Case {
    std::string text;
    std::string complaint;
  };
  const std::string start = "controls:\n  - id: a\n    title: A\n    rule: host_reporting\n";
  const std::vector<Case> cases = {
      {"", "p.yml:1:1: 'controls' is missing"},
      {"controls: []\n", "p.yml:1:11: a policy without controls judges nothing"},
      {"control: []\n",
       "p.yml:1:1: 'controls' is missing\n"
       "p.yml:1:1: unknown key 'control', did you mean 'controls'?"},
      {start + "    silent_aftr: 5m\n",
       "p.yml:5:5: unknown key 'silent_aftr', did you mean 'silent_after'?"},
      {start + "    renew_before: 5d\n",
       "p.yml:5:5: unknown key 'renew_before' (known here: id, title, severity, max_age, "
       "applies_to, frameworks, rule, silent_after, deadline)"},
      {start + "    severity: hihg\n",
       "p.yml:5:15: 'severity' is 'hihg', but must be one of low, medium, high, critical, did you "
       "mean 'high'?"},
      {start + "    max_age: 0s\n", "p.yml:5:14: 'max_age' must be from 1s to 3653d, not 0s"},
      {start + "  - id: a\n    title: B\n    rule: host_reporting\n",
       "p.yml:5:9: the id 'a' comes twice, first at p.yml:2:9"},
      {"controls:\n  - {id: 'a b', title: A, rule: host_reporting}\n",
       "p.yml:2:10: 'id' must be 1 to 64 letters, digits and dashes, not 'a b'"},
      {"controls:\n  - {id: " + std::string(65, 'a') + ", title: A, rule: host_reporting}\n",
       "p.yml:2:10: 'id' must be 1 to 64 letters, digits and dashes, not '" + std::string(65, 'a') +
           "'"},
      {"controls:\n  - {id: a, title: " + std::string(201, 'a') + ", rule: host_reporting}\n",
       "p.yml:2:20: 'title' has more than 200 bytes"},
      {"controls:\n  - {id: a, title: A, rule: host_report, silent_after: 5m}\n",
       "p.yml:2:29: 'rule' is 'host_report', but must be one of security_updates, "
       "package_lists_fresh, held_security_updates, packages_whole, packages_have_repository, "
       "repository_keys_valid, automatic_updates_on, reboot_done, services_restarted, "
       "system_supported, firmware_baseline, firmware_covered, firmware_activated, "
       "firmware_updates, microcode_uniform, processor_vulnerabilities, secure_boot, "
       "firmware_upgrades, arrays_redundant, disks_healthy, memory_errors_few, "
       "certificate_not_expired, certificate_renewal, "
       "revocation_lists_current, key_files_private, keys_match, served_certificate_valid, "
       "served_certificate_renewal, served_name_matches, served_chain_trusted, "
       "served_not_revoked, tls_strong, served_is_on_disk, listeners_known, antivirus_present, "
       "antivirus_protects, signatures_fresh, signatures_loaded, full_scan_recent, "
       "threats_resolved, exclusions_allowed, management_connected, protection_licensed, "
       "intrusion_detection_present, intrusion_detection_checks, baseline_recent, "
       "changes_acknowledged, events_not_lost, host_reporting, "
       "agent_sandboxed, agent_sees_all, waivers_current, tcp_answers, tls_answers, "
       "domain_renewed, domain_in_force, domain_locked, domain_registrar, domain_delegation, "
       "domain_known, lookalikes_watched, zone_delegation, zone_signed, zone_signatures_current, "
       "zone_spf, zone_dmarc, zone_dkim, zone_caa, did you mean 'host_reporting'?"},
      {"controls:\n  - {}\n",
       "p.yml:2:5: 'id' is missing\np.yml:2:5: 'title' is missing\np.yml:2:5: 'rule' is missing"},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(parse_policy(c.text, "p.yml").status(), absl::InvalidArgumentError(c.complaint));
  }
}

TEST(PolicyFile, RefusesMoreControlsThanItCanJudge) {
  std::string text = "controls:\n";
  for (int i = 0; i < 501; ++i) {
    text += "  - {id: c" + std::to_string(i) + ", title: C, rule: host_reporting}\n";
  }
  const absl::Status status = parse_policy(text, "p.yml").status();
  EXPECT_TRUE(status.message().find("more than 500 controls") != absl::string_view::npos) << status;
}

}  // namespace
}  // namespace muster::policy
