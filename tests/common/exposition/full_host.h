// A host with something in every family, for golden text and for promtool.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "common/exposition/host_metrics.h"
#include "muster/v1/agent_facts.pb.h"
#include "muster/v1/firmware_facts.pb.h"
#include "muster/v1/fwupd_facts.pb.h"
#include "muster/v1/hardware_facts.pb.h"
#include "muster/v1/host_facts.pb.h"
#include "muster/v1/listener_facts.pb.h"
#include "muster/v1/protection_facts.pb.h"
#include "tests/common/policy/facts.h"
#include "tests/common/policy/restart.h"

namespace muster::testing {

inline void add_measurement(SectionState& section, std::string_view name, double value,
                            std::string_view subject = {}) {
  v1::Measurement& measurement = section.measurements.emplace_back();
  measurement.set_name(std::string(name));
  measurement.set_subject(std::string(subject));
  measurement.set_value(value);
}

inline SectionState agent_section() {
  v1::AgentFacts facts;
  facts.set_version("0.1.0");
  *facts.mutable_started_at() = to_proto(kNow - hours(5));
  *facts.mutable_certificate_not_after() = to_proto(kNow + days(5));
  facts.set_certificate_generation(7);
  for (const char* mechanism : {"seccomp", "landlock"})
    facts.mutable_sandbox()->add_mechanisms(mechanism);
  facts.mutable_sandbox()->add_missing()->set_mechanism("landlock");
  SectionState section = observed("agent", facts);
  add_measurement(section, "probe_duration_seconds", 0.25, "packages-apt");
  add_measurement(section, "probe_runs_total", 20, "packages-apt");
  add_measurement(section, "probe_failures_total", 1, "packages-apt");
  add_measurement(section, "probe_confirmed_total", 300, "packages-apt");
  add_measurement(section, "outbox_entries", 2);
  add_measurement(section, "outbox_bytes", 4096);
  add_measurement(section, "outbox_dropped_total", 1);
  add_measurement(section, "outbox_damaged_total", 0);
  add_measurement(section, "outbox_refused_total", 4);
  add_measurement(section, "targets_refused_total", 2);
  add_measurement(section, "targets_held", 12);
  add_measurement(section, "target_looks_total", 720);
  add_measurement(section, "target_looks_late_total", 3);
  add_measurement(section, "resident_memory_bytes", 10485760);
  add_measurement(section, "of_a_newer_agent", 1);
  return section;
}

inline SectionState host_section() {
  v1::HostFacts facts;
  facts.set_os_id("debian");
  facts.set_os_version_id("12");
  facts.set_kernel_release("6.1.0-28-amd64");
  facts.set_architecture("x86_64");
  facts.set_virtualization(v1::VIRTUALIZATION_VIRTUAL_MACHINE);
  facts.set_virtualization_technology("kvm");
  facts.set_vendor("QEMU");
  facts.set_model("Standard PC \"Q35\"");
  *facts.mutable_boot_time() = to_proto(kNow - days(20));
  return observed("host", facts);
}

inline SectionState packages_section() {
  v1::PackageFacts facts = apt_facts();
  add_update(facts, "openssl", v1::SECURITY_YES);
  add_update(facts, "libc6", v1::SECURITY_YES).set_would_install(false);
  add_update(facts, "vim", v1::SECURITY_NO);
  facts.add_held("libc6");
  facts.set_obsolete(3);
  facts.set_third_party(4);
  facts.add_broken("half");
  facts.add_excluded("libc6");
  facts.add_repositories_without_errata("epel");
  add_kernel(facts, {"6.1.0-29-amd64", "6.1.123-1", "amd64", "6.1.123-1"});
  add_kernel(facts, {"6.1.0-28-amd64", "6.1.119-1", "amd64", "6.1.119-1"});
  add_key(facts, "bookworm", v1::REPOSITORY_KEY_STATE_VALID);
  add_key(facts, "docker", v1::REPOSITORY_KEY_STATE_EXPIRED);
  v1::AutomaticUpdateState& automatic = *facts.mutable_automatic_updates();
  automatic.set_mechanism("unattended-upgrades");
  automatic.set_state(v1::AUTOMATIC_UPDATES_OFF);
  *automatic.mutable_last_success_at() = to_proto(kNow - days(40));
  return observed("packages-apt", facts);
}

inline SectionState restart_section() {
  v1::RestartFacts facts = restart_facts();
  facts.set_replaced_since_boot_looked_at(true);
  facts.add_stale_services()->set_unit("nginx.service");
  facts.add_reboot_requests()->set_source("/run/reboot-required");
  return observed("restart", facts);
}

inline SectionState lifecycle_section() {
  v1::LifecycleFacts facts = lifecycle_facts();
  add_period(facts, "elts", kNow + days(2000), v1::SUPPORT_COVERAGE_NOT_ENABLED);
  add_period(facts, "standard", kNow + days(20), v1::SUPPORT_COVERAGE_ENABLED, "hwe");
  return observed("lifecycle", facts);
}

inline SectionState firmware_section() {
  v1::FirmwareFacts facts;
  v1::FirmwareComponent& system = *facts.add_components();
  system.set_kind(v1::FIRMWARE_KIND_SYSTEM);
  system.set_vendor("Dell Inc.");
  system.set_model("PowerEdge R640");
  system.set_version("2.19.1");
  v1::FirmwareComponent& drive = *facts.add_components();
  drive.set_kind(v1::FIRMWARE_KIND_NVME);
  drive.set_name("nvme0");
  drive.set_model("SAMSUNG MZQL21T9HCJR-00A07");
  drive.set_version("GDC5502Q");
  drive.set_next_version("GDC5602Q");
  v1::FirmwareComponent& listed = *facts.add_components();
  listed.set_kind(v1::FIRMWARE_KIND_OTHER);
  listed.set_failed_update("to version 65590: authentication failed");
  for (const auto state : {v1::VULNERABILITY_STATE_MITIGATED, v1::VULNERABILITY_STATE_VULNERABLE,
                           v1::VULNERABILITY_STATE_MITIGATED}) {
    facts.add_vulnerabilities()->set_state(state);
  }
  facts.mutable_secure_boot()->set_state(v1::SECURE_BOOT_STATE_ON);
  v1::SecureBootAuthority& authority = *facts.mutable_secure_boot()->add_authorities();
  authority.set_list("db");
  authority.set_subject("CN=Example UEFI CA 2023,O=Example");
  authority.set_fingerprint("6341e96a7f551de363149d568ec745a800c3f6b356bbb31a6907f7c887863b88");
  *authority.mutable_not_after() = to_proto(kNow + days(200));
  v1::EventLog& log = *facts.add_event_logs();
  log.set_name("ipmi0");
  log.set_percent_used(95);
  log.set_lost_events(true);
  return observed("firmware", facts);
}

inline SectionState fwupd_section() {
  v1::FwupdFacts facts;
  facts.set_host_security_id("HSI:1! (v2.0.20)");
  v1::FwupdDevice& webcam = *facts.add_devices();
  webcam.set_name("Webcam");
  webcam.set_version("1.2.2");
  webcam.set_upgrades_state(v1::FIRMWARE_UPGRADES_STATE_TOLD);
  webcam.add_upgrades()->set_urgency(v1::FIRMWARE_URGENCY_LOW);
  webcam.add_upgrades()->set_urgency(v1::FIRMWARE_URGENCY_CRITICAL);
  v1::FirmwareRemote& remote = *facts.add_remotes();
  remote.set_id("lvfs");
  remote.set_fetched(true);
  *remote.mutable_modified_at() = to_proto(kNow - days(2));
  return observed("firmware-fwupd", facts);
}

inline SectionState hardware_section() {
  v1::HardwareFacts facts;
  facts.mutable_machine()->set_vendor("Dell Inc.");
  facts.mutable_machine()->set_model("PowerEdge R640");
  facts.mutable_machine()->set_board_model("0H28RR");
  facts.mutable_machine()->set_chassis("Rack Mount Chassis");
  facts.add_processors();
  facts.add_processors();
  facts.mutable_memory()->set_total_bytes(uint64_t{768} << 30);
  v1::Disk& drive = *facts.add_disks();
  drive.set_name("nvme0n1");
  drive.set_model("SAMSUNG MZQL21T9HCJR-00A07");
  drive.set_transport(v1::DISK_TRANSPORT_NVME);
  drive.set_size_bytes(1'920'383'410'176);
  drive.mutable_health()->set_predicts_failure(false);
  drive.mutable_health()->set_percent_used(93);
  drive.mutable_health()->set_media_errors(2);
  v1::Disk& volume = *facts.add_disks();
  volume.set_name("sda");
  volume.set_vendor("DELL");
  volume.set_model("PERC H730 Mini");
  volume.set_size_bytes(3'999'688'294'400);
  v1::RedundantArray& array = *facts.add_arrays();
  array.set_kind(v1::ARRAY_KIND_MD);
  array.set_name("md0");
  array.set_level("raid1");
  array.set_state(v1::ARRAY_STATE_DEGRADED);
  array.set_members_wanted(2);
  array.set_members_working(1);
  v1::MemoryErrors& controller = *facts.add_memory_errors();
  controller.set_controller("mc0");
  controller.set_corrected(12);
  v1::ModuleErrors& module = *controller.add_modules();
  module.set_label("A3");
  module.set_corrected(12);
  facts.add_power_supplies()->set_state(v1::POWER_SUPPLY_STATE_OK);
  facts.add_power_supplies()->set_state(v1::POWER_SUPPLY_STATE_UNPLUGGED);
  return observed("hardware", facts);
}

inline SectionState antivirus_section() {
  v1::AntivirusFacts facts;
  v1::ProtectionProduct& clamav = *facts.add_products();
  clamav.set_product("clamav");
  clamav.set_version("1.0.7");
  clamav.set_running(v1::ANSWER_YES);
  clamav.set_real_time(v1::ANSWER_NO);
  clamav.set_mode(v1::PROTECTION_MODE_ON_DEMAND);
  clamav.mutable_loaded_signatures()->set_version("27500");
  *clamav.mutable_loaded_signatures()->mutable_built_at() = to_proto(kNow - days(9));
  clamav.mutable_disk_signatures()->set_version("27509");
  *clamav.mutable_disk_signatures()->mutable_built_at() = to_proto(kNow - hours(8));
  *clamav.mutable_last_update_tried_at() = to_proto(kNow - hours(1));
  *clamav.mutable_last_update_succeeded_at() = to_proto(kNow - hours(2));
  clamav.mutable_full_scan()->set_result(v1::CHECK_RESULT_FOUND);
  *clamav.mutable_full_scan()->mutable_ended_at() = to_proto(kNow - days(2));
  clamav.mutable_full_scan()->set_found(3);
  clamav.mutable_quick_scan()->set_result(v1::CHECK_RESULT_NEVER);
  clamav.set_threats_found(3);
  clamav.set_threats_unresolved(1);
  clamav.set_exclusion_count(0);
  v1::ProtectionProduct& defender = *facts.add_products();
  defender.set_product("microsoft-defender");
  defender.set_version("101.24112.0001");
  defender.set_engine_version("1.1.24090.13");
  defender.set_mode(v1::PROTECTION_MODE_PASSIVE);
  defender.set_management_connected(v1::ANSWER_YES);
  defender.set_licensed(v1::ANSWER_YES);
  *defender.mutable_licence_ends_at() = to_proto(kNow + days(100));
  defender.add_unread()->set_fact("real_time");
  return observed("antivirus", facts);
}

inline SectionState intrusion_detection_section() {
  v1::IntrusionDetectionFacts facts;
  v1::ProtectionProduct& aide = *facts.add_products();
  aide.set_product("aide");
  aide.set_version("0.18.3");
  *aide.mutable_baseline_at() = to_proto(kNow - days(40));
  aide.mutable_last_check()->set_result(v1::CHECK_RESULT_CLEAN);
  *aide.mutable_last_check()->mutable_ended_at() = to_proto(kNow - hours(6));
  v1::ProtectionProduct& auditd = *facts.add_products();
  auditd.set_product("auditd");
  auditd.set_mode(v1::PROTECTION_MODE_ACTIVE);
  auditd.set_events_lost(7);
  auditd.set_rule_count(52);
  auditd.set_rule_digest("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  v1::ProtectionProduct& wazuh = *facts.add_products();
  wazuh.set_product("wazuh");
  wazuh.set_running(v1::ANSWER_NO);
  wazuh.set_mode(v1::PROTECTION_MODE_OFF);
  wazuh.set_management_connected(v1::ANSWER_NO);
  *wazuh.mutable_management_last_contact_at() = to_proto(kNow - days(3));
  return observed("intrusion-detection", facts);
}

inline SectionState certificates_section() {
  v1::CertificateFacts facts;
  v1::CertificateFile& chain = add_file(facts, "/etc/nginx/web.pem");
  add_certificate(chain, "www.example.org", kNow - days(60), kNow + days(30));
  add_certificate(chain, "Example CA", kNow - days(900), kNow + days(900));
  add_file(facts, "/etc/postfix/smtp.pem").set_error("Permission denied");
  facts.add_unreadable_directories()->set_path("/etc/ssl/private");
  v1::RevocationList& list = *add_file(facts, "/etc/openvpn/crl.pem").add_revocation_lists();
  list.set_issuer("CN=Example VPN");
  *list.mutable_next_update() = to_proto(kNow + days(6));
  v1::KeyFile& key = *facts.add_keys();
  key.set_path("/etc/nginx/web.key");
  key.set_owner("root");
  key.set_group("root");
  key.set_mode(0644);
  return observed("certificates", facts);
}

// A chain of two: the certificate of certificates_section before its renewal.
inline void add_served_chain(google::protobuf::RepeatedPtrField<v1::ServedChain>& chains) {
  v1::CertificateFile file;
  add_certificate(file, "www.example.org", kNow - days(85), kNow + days(5));
  add_certificate(file, "Example CA", kNow - days(900), kNow + days(900));
  v1::Certificate& leaf = *file.mutable_certificates(0);
  leaf.set_subject("CN=www.example.org");
  leaf.set_issuer("CN=Example CA");
  leaf.set_key_type("EC");
  leaf.set_key_bits(256);
  leaf.set_signature_algorithm("ecdsa-with-SHA256");
  v1::ServedChain& chain = *chains.Add();
  *chain.mutable_certificates() = file.certificates();
  chain.set_trust(v1::CHAIN_TRUST_UNTRUSTED_ROOT);
}

inline SectionState listeners_section() {
  v1::ListenerFacts facts;
  v1::Listener& nginx = *facts.add_listeners();
  nginx.set_address("0.0.0.0");
  nginx.set_port(443);
  nginx.mutable_owner()->set_program("nginx");
  nginx.mutable_owner()->set_unit("nginx.service");
  nginx.set_state(v1::LISTENER_STATE_TLS);
  v1::TlsService& service = *nginx.add_services();
  service.set_server_name("www.example.org");
  service.set_answer(v1::TLS_ANSWER_COMPLETED);
  service.set_chain(1);
  service.set_revocation(v1::REVOCATION_GOOD);
  service.add_versions("TLSv1.2");
  service.add_versions("TLSv1.3");
  v1::Listener& ssh = *facts.add_listeners();
  ssh.set_address("::");
  ssh.set_port(22);
  ssh.set_state(v1::LISTENER_STATE_NO_TLS);
  add_served_chain(*facts.mutable_chains());
  return observed("listeners", facts);
}

inline constexpr std::array<exposition::Label, 5> kFullHostLabels{{{"site", "fra"},
                                                                   {"role", "web"},
                                                                   {"environment", ""},
                                                                   {"owner", "ops \"1\""},
                                                                   {"rack", "r\n7"}}};
inline constexpr std::array<std::string_view, 2> kFullHostWindows{"patch-sunday", "move"};

// What judging gave and the sections that the host is rendered from live here.
struct FullHost {
  std::vector<SectionState> sections{agent_section(),
                                     host_section(),
                                     packages_section(),
                                     certificates_section(),
                                     listeners_section(),
                                     restart_section(),
                                     lifecycle_section(),
                                     firmware_section(),
                                     fwupd_section(),
                                     hardware_section(),
                                     antivirus_section(),
                                     intrusion_detection_section(),
                                     not_applicable("packages-rpm", "no rpm database")};
  policy::Policy judged_by;
  std::vector<policy::Standing> standings;

  explicit FullHost(const policy::Policy& policy) : judged_by(policy) {
    standings =
        policy::evaluate({.sections = sections, .last_sync = kNow}, {}, policy, kNow).standings;
  }
  exposition::HostMetricsInput input(bool reporting = true) const {
    return {.host = "web1",
            .sections = sections,
            .controls = judged_by.controls,
            .standings = standings,
            .labels = kFullHostLabels,
            .windows = kFullHostWindows,
            .reporting = reporting,
            .last_sync = kNow,
            .clock_offset_seconds = -0.125};
  }
};

// Without comments: what each family's test looks at.
inline std::string samples(const exposition::HostMetricsInput& input) {
  const exposition::RenderedHost host = exposition::render_host(input);
  std::string text;
  for (size_t family = 0; family < exposition::kHostFamilyCount; ++family)
    text += host[family];
  return text;
}

}  // namespace muster::testing
