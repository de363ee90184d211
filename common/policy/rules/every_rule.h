// The entry points of the rules, for the table in rules.cpp. Each is explained in its own file.
#pragma once

#include "common/policy/rules.h"

namespace muster::policy {

RuleOutput judge_security_updates(const RuleInput& input);
RuleOutput judge_package_lists_fresh(const RuleInput& input);
RuleOutput judge_held_security_updates(const RuleInput& input);
RuleOutput judge_packages_whole(const RuleInput& input);
RuleOutput judge_packages_have_repository(const RuleInput& input);
RuleOutput judge_repository_keys_valid(const RuleInput& input);
RuleOutput judge_automatic_updates_on(const RuleInput& input);

// What waits for a restart.
inline constexpr std::string_view kRestartProbe = "restart";
RuleOutput judge_reboot_done(const RuleInput& input);
RuleOutput judge_services_restarted(const RuleInput& input);

// Until when the system is supported.
inline constexpr std::string_view kLifecycleProbe = "lifecycle";
RuleOutput judge_system_supported(const RuleInput& input);

// Which machine the host is.
inline constexpr std::string_view kHostProbe = "host";

// What the machine's firmware is: against the baselines of the policy, and by itself.
inline constexpr std::string_view kFirmwareProbe = "firmware";
RuleOutput judge_firmware_baseline(const RuleInput& input);
RuleOutput judge_firmware_covered(const RuleInput& input);
RuleOutput judge_firmware_activated(const RuleInput& input);
RuleOutput judge_firmware_updates(const RuleInput& input);
RuleOutput judge_microcode_uniform(const RuleInput& input);
RuleOutput judge_processor_vulnerabilities(const RuleInput& input);
RuleOutput judge_secure_boot(const RuleInput& input);

// What fwupd knows of firmware; opt-in.
inline constexpr std::string_view kFwupdProbe = "firmware-fwupd";
RuleOutput judge_firmware_upgrades(const RuleInput& input);

// What the machine is made of, and how what it has twice fares.
inline constexpr std::string_view kHardwareProbe = "hardware";
RuleOutput judge_arrays_redundant(const RuleInput& input);
RuleOutput judge_disks_healthy(const RuleInput& input);
RuleOutput judge_memory_errors_few(const RuleInput& input);

RuleOutput judge_certificate_not_expired(const RuleInput& input);
RuleOutput judge_certificate_renewal(const RuleInput& input);
RuleOutput judge_revocation_lists_current(const RuleInput& input);
RuleOutput judge_key_files_private(const RuleInput& input);
RuleOutput judge_keys_match(const RuleInput& input);

// What is served by TLS: on the host's own sockets, and at targets of the kind tls.
RuleOutput judge_served_certificate_valid(const RuleInput& input);
RuleOutput judge_served_certificate_renewal(const RuleInput& input);
RuleOutput judge_served_name_matches(const RuleInput& input);
RuleOutput judge_served_chain_trusted(const RuleInput& input);
RuleOutput judge_served_not_revoked(const RuleInput& input);
RuleOutput judge_tls_strong(const RuleInput& input);
RuleOutput judge_served_is_on_disk(const RuleInput& input);
RuleOutput judge_listeners_known(const RuleInput& input);
RuleOutput judge_tls_answers(const RuleInput& input);

// What the registry of a domain says, and names that could be taken for it: targets of the kinds
// domain and lookalikes.
RuleOutput judge_domain_renewed(const RuleInput& input);
RuleOutput judge_domain_in_force(const RuleInput& input);
RuleOutput judge_domain_locked(const RuleInput& input);
RuleOutput judge_domain_registrar(const RuleInput& input);
RuleOutput judge_domain_delegation(const RuleInput& input);
RuleOutput judge_domain_known(const RuleInput& input);
RuleOutput judge_lookalikes_watched(const RuleInput& input);

RuleOutput judge_host_reporting(const RuleInput& input);

// The section of the agent about itself.
inline constexpr std::string_view kAgentProbe = "agent";
RuleOutput judge_agent_sandboxed(const RuleInput& input);
RuleOutput judge_agent_sees_all(const RuleInput& input);

// What protects the host against malware, and what watches it.
inline constexpr std::string_view kAntivirusProbe = "antivirus";
inline constexpr std::string_view kIntrusionDetectionProbe = "intrusion-detection";
RuleOutput judge_antivirus_present(const RuleInput& input);
RuleOutput judge_antivirus_protects(const RuleInput& input);
RuleOutput judge_signatures_fresh(const RuleInput& input);
RuleOutput judge_signatures_loaded(const RuleInput& input);
RuleOutput judge_full_scan_recent(const RuleInput& input);
RuleOutput judge_threats_resolved(const RuleInput& input);
RuleOutput judge_exclusions_allowed(const RuleInput& input);
RuleOutput judge_management_connected(const RuleInput& input);
RuleOutput judge_protection_licensed(const RuleInput& input);
RuleOutput judge_intrusion_detection_present(const RuleInput& input);
RuleOutput judge_intrusion_detection_checks(const RuleInput& input);
RuleOutput judge_baseline_recent(const RuleInput& input);
RuleOutput judge_changes_acknowledged(const RuleInput& input);
RuleOutput judge_events_not_lost(const RuleInput& input);

RuleOutput judge_waivers_current(const RuleInput& input);

// The section of a target of the kind tcp.
inline constexpr std::string_view kTcpProbe = "tcp";
RuleOutput judge_tcp_answers(const RuleInput& input);

// The section of a target of the kind zone.
inline constexpr std::string_view kZoneProbe = "zone";
RuleOutput judge_zone_delegation(const RuleInput& input);
RuleOutput judge_zone_signed(const RuleInput& input);
RuleOutput judge_zone_signatures_current(const RuleInput& input);
RuleOutput judge_zone_spf(const RuleInput& input);
RuleOutput judge_zone_dmarc(const RuleInput& input);
RuleOutput judge_zone_dkim(const RuleInput& input);
RuleOutput judge_zone_caa(const RuleInput& input);

}  // namespace muster::policy
