#include "common/policy/rules.h"

#include <fmt/format.h>

#include <array>
#include <cstdlib>

#include "common/policy/flag_parameter.h"
#include "common/policy/rules/certificate_subjects.h"
#include "common/policy/rules/domains.h"
#include "common/policy/rules/every_rule.h"
#include "common/policy/rules/package_sections.h"
#include "common/policy/rules/served.h"
#include "common/policy/rules/times.h"
#include "common/text.h"
#include "common/timestamp.h"

namespace muster::policy {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;

constexpr std::array kPackageListsFresh{duration_parameter("lists_max_age", hours(48))};
constexpr std::array kCertificateRenewal{duration_parameter("renew_before", days(30), Duration(0)),
                                         fraction_parameter("last_fraction", 1.0 / 3)};
constexpr std::array kHostReporting{duration_parameter("silent_after", minutes(15))};
constexpr std::array kWaiversCurrent{duration_parameter("warn_before", days(7))};
constexpr std::array kSystemSupported{duration_parameter("warn_before", days(90))};
constexpr std::array kPackagesHaveRepository{count_parameter("at_most", 0, 0, 10'000)};
constexpr std::array kSignaturesFresh{duration_parameter("signatures_max_age", days(3))};
constexpr std::array kFullScan{duration_parameter("scan_max_age", days(30))};
// No constant, because of the list in it.
const std::array exclusions_allowed{globs_parameter("allowed")};
constexpr std::array kManagementConnected{duration_parameter("silent_after", days(1))};
constexpr std::array kProtectionLicensed{duration_parameter("warn_before", days(30))};
constexpr std::array kIntrusionDetectionChecks{duration_parameter("check_max_age", days(2))};
constexpr std::array kBaselineRecent{duration_parameter("baseline_max_age", days(365))};
constexpr std::array kEventsNotLost{count_parameter("at_most", 0, 0, 1'000'000'000)};
constexpr std::array kRevocationLists{duration_parameter("renew_before", days(2), Duration(0)),
                                      fraction_parameter("last_fraction", 1.0 / 3)};
const std::array key_files_private{globs_parameter("groups")};
const std::array served_chain_trusted{globs_parameter("allow_self_signed")};
constexpr std::array kTlsStrong{
    Parameter{.name = "minimum_version", .usual = 1.2, .low = 1.0, .high = 1.3},
    count_parameter("minimum_rsa_bits", 2048, 512, 16'384),
    count_parameter("minimum_ec_bits", 224, 112, 1024)};
constexpr std::array kTcpAnswers{duration_parameter("within", Duration(0), Duration(0))};

constexpr std::array kDomainRenewed{duration_parameter("renew_before", days(30))};
constexpr std::array kDomainKnown{duration_parameter("answered_within", days(3))};
constexpr std::array kLookalikesWatched{duration_parameter("within", days(90))};
const std::array domain_registrar{globs_parameter("registrars")};
const std::array domain_delegation{globs_parameter("name_servers")};

// No constant, because of the list in it.
const std::array processor_vulnerabilities{globs_parameter("accepted")};
// Those that count; none: "critical" alone.
const std::array firmware_upgrades{globs_parameter("urgency"),
                                   duration_parameter("metadata_max_age", days(30))};
constexpr std::array kSecureBoot{flag_parameter("required", false)};
constexpr std::array kDisksHealthy{count_parameter("wear_percent", 90, 1, 255)};
constexpr std::array kMemoryErrorsFew{count_parameter("at_most", 100, 0, 1'000'000'000)};

constexpr std::array kZoneSigned{flag_parameter("required", false)};
constexpr std::array kZoneSignatures{duration_parameter("min_remaining", days(2), Duration(0))};
constexpr std::array kZoneSpf{flag_parameter("required", true)};
const std::array zone_dmarc{flag_parameter("required", true), globs_parameter("policies")};
constexpr std::array kZoneDkim{count_parameter("minimum_rsa_bits", 1024, 1024, 16'384)};
const std::array zone_caa{flag_parameter("required", false), globs_parameter("issuers")};

constexpr RuleProbes kAgent(kAgentProbe);
constexpr RuleProbes kAntivirus(kAntivirusProbe);
constexpr RuleProbes kIntrusion(kIntrusionDetectionProbe);
constexpr RuleProbes kProtection(kAntivirusProbe, kIntrusionDetectionProbe);
constexpr RuleProbes kCertificates(kCertificateProbe);
constexpr RuleProbes kDomain(kDomainProbe);
constexpr RuleProbes kFirmware(kFirmwareProbe);
constexpr RuleProbes kFirmwareOfMachine(kFirmwareProbe, kHostProbe);
constexpr RuleProbes kFwupdAndAgent(kFwupdProbe, kAgentProbe);
constexpr RuleProbes kHardwareOfMachine(kHardwareProbe, kHostProbe);
constexpr RuleProbes kLookalikes(kLookalikesProbe);
constexpr RuleProbes kLifecycle(kLifecycleProbe);
constexpr RuleProbes kPackages(kPackageProbes);
constexpr RuleProbes kRestart(kRestartProbe);
constexpr RuleProbes kRestartAndPackages(kRestartProbe, kPackageProbes);
constexpr RuleProbes kTcp(kTcpProbe);
constexpr RuleProbes kTls(kTlsProbe);
constexpr RuleProbes kZone(kZoneProbe);
constexpr RuleProbes kListeners(kListenerProbe);
constexpr RuleProbes kServed(kListenerProbe, kTlsProbe);
constexpr RuleProbes kServedAndCertificates(kListenerProbe, kTlsProbe, kCertificateProbe);
constexpr RuleProbes kListenersAndCertificates(kListenerProbe, kCertificateProbe);

// A row: name, parameters, whether a deadline is for the control to give, probes, judge; whether it
// looks at reports, whether at waivers; of what kind, where that is not hosts; of which other;
// whether at baselines.
constexpr std::array<Rule, 68> kRules{{
    {"security_updates", {}, true, kPackages, judge_security_updates},
    {"package_lists_fresh", kPackageListsFresh, true, kPackages, judge_package_lists_fresh},
    {"held_security_updates", {}, true, kPackages, judge_held_security_updates},
    {"packages_whole", {}, true, kPackages, judge_packages_whole},
    {"packages_have_repository", kPackagesHaveRepository, true, kPackages,
     judge_packages_have_repository},
    {"repository_keys_valid", {}, true, kPackages, judge_repository_keys_valid},
    {"automatic_updates_on", {}, true, kPackages, judge_automatic_updates_on},
    {"reboot_done", {}, true, kRestartAndPackages, judge_reboot_done},
    {"services_restarted", {}, true, kRestart, judge_services_restarted},
    {"system_supported", kSystemSupported, false, kLifecycle, judge_system_supported},
    {"firmware_baseline",
     {},
     true,
     kFirmware,
     judge_firmware_baseline,
     false,
     false,
     kHostKind,
     {},
     true},
    {"firmware_covered",
     {},
     true,
     kFirmwareOfMachine,
     judge_firmware_covered,
     false,
     false,
     kHostKind,
     {},
     true},
    {"firmware_activated", {}, true, kFirmware, judge_firmware_activated},
    {"firmware_updates", {}, true, kFirmwareOfMachine, judge_firmware_updates},
    {"microcode_uniform", {}, true, kFirmwareOfMachine, judge_microcode_uniform},
    {"processor_vulnerabilities", processor_vulnerabilities, true, kFirmwareOfMachine,
     judge_processor_vulnerabilities},
    {"secure_boot", kSecureBoot, true, kFirmwareOfMachine, judge_secure_boot},
    {"firmware_upgrades", firmware_upgrades, true, kFwupdAndAgent, judge_firmware_upgrades},
    {"arrays_redundant", {}, true, kHardwareOfMachine, judge_arrays_redundant},
    {"disks_healthy", kDisksHealthy, true, kHardwareOfMachine, judge_disks_healthy},
    {"memory_errors_few", kMemoryErrorsFew, true, kHardwareOfMachine, judge_memory_errors_few},
    {"certificate_not_expired", {}, false, kCertificates, judge_certificate_not_expired},
    {"certificate_renewal", kCertificateRenewal, false, kCertificates, judge_certificate_renewal},
    {"revocation_lists_current", kRevocationLists, false, kCertificates,
     judge_revocation_lists_current},
    {"key_files_private", key_files_private, true, kCertificates, judge_key_files_private},
    {"keys_match", {}, true, kCertificates, judge_keys_match},
    {"served_certificate_valid",
     {},
     false,
     kServed,
     judge_served_certificate_valid,
     false,
     false,
     kHostKind,
     "tls"},
    {"served_certificate_renewal", kCertificateRenewal, false, kServed,
     judge_served_certificate_renewal, false, false, kHostKind, "tls"},
    {"served_name_matches",
     {},
     true,
     kServedAndCertificates,
     judge_served_name_matches,
     false,
     false,
     kHostKind,
     "tls"},
    {"served_chain_trusted", served_chain_trusted, true, kServed, judge_served_chain_trusted, false,
     false, kHostKind, "tls"},
    {"served_not_revoked",
     {},
     true,
     kServed,
     judge_served_not_revoked,
     false,
     false,
     kHostKind,
     "tls"},
    {"tls_strong", kTlsStrong, true, kServed, judge_tls_strong, false, false, kHostKind, "tls"},
    {"served_is_on_disk", {}, true, kListenersAndCertificates, judge_served_is_on_disk},
    {"listeners_known", {}, false, kListeners, judge_listeners_known},
    {"antivirus_present", {}, true, kAntivirus, judge_antivirus_present},
    {"antivirus_protects", kFullScan, true, kAntivirus, judge_antivirus_protects},
    {"signatures_fresh", kSignaturesFresh, true, kAntivirus, judge_signatures_fresh},
    {"signatures_loaded", {}, true, kAntivirus, judge_signatures_loaded},
    {"full_scan_recent", kFullScan, true, kAntivirus, judge_full_scan_recent},
    {"threats_resolved", {}, true, kAntivirus, judge_threats_resolved},
    {"exclusions_allowed", exclusions_allowed, true, kAntivirus, judge_exclusions_allowed},
    {"management_connected", kManagementConnected, true, kProtection, judge_management_connected},
    {"protection_licensed", kProtectionLicensed, false, kProtection, judge_protection_licensed},
    {"intrusion_detection_present", {}, true, kIntrusion, judge_intrusion_detection_present},
    {"intrusion_detection_checks", kIntrusionDetectionChecks, true, kIntrusion,
     judge_intrusion_detection_checks},
    {"baseline_recent", kBaselineRecent, true, kIntrusion, judge_baseline_recent},
    {"changes_acknowledged", {}, true, kIntrusion, judge_changes_acknowledged},
    {"events_not_lost", kEventsNotLost, true, kIntrusion, judge_events_not_lost},
    {"host_reporting", kHostReporting, false, {}, judge_host_reporting, true},
    {"agent_sandboxed", {}, true, kAgent, judge_agent_sandboxed},
    {"agent_sees_all", {}, true, kAgent, judge_agent_sees_all},
    {"waivers_current", kWaiversCurrent, false, {}, judge_waivers_current, false, true, ""},
    {"tcp_answers", kTcpAnswers, true, kTcp, judge_tcp_answers, false, false, "tcp"},
    {"tls_answers", {}, true, kTls, judge_tls_answers, false, false, "tls"},
    {"domain_renewed", kDomainRenewed, false, kDomain, judge_domain_renewed, false, false,
     "domain"},
    {"domain_in_force", {}, true, kDomain, judge_domain_in_force, false, false, "domain"},
    {"domain_locked", {}, true, kDomain, judge_domain_locked, false, false, "domain"},
    {"domain_registrar", domain_registrar, true, kDomain, judge_domain_registrar, false, false,
     "domain"},
    {"domain_delegation", domain_delegation, true, kDomain, judge_domain_delegation, false, false,
     "domain"},
    {"domain_known", kDomainKnown, false, kDomain, judge_domain_known, false, false, "domain"},
    {"lookalikes_watched", kLookalikesWatched, true, kLookalikes, judge_lookalikes_watched, false,
     false, "lookalikes"},
    {"zone_delegation", {}, true, kZone, judge_zone_delegation, false, false, "zone"},
    {"zone_signed", kZoneSigned, false, kZone, judge_zone_signed, false, false, "zone"},
    {"zone_signatures_current", kZoneSignatures, false, kZone, judge_zone_signatures_current, false,
     false, "zone"},
    {"zone_spf", kZoneSpf, true, kZone, judge_zone_spf, false, false, "zone"},
    {"zone_dmarc", zone_dmarc, true, kZone, judge_zone_dmarc, false, false, "zone"},
    {"zone_dkim", kZoneDkim, true, kZone, judge_zone_dkim, false, false, "zone"},
    {"zone_caa", zone_caa, true, kZone, judge_zone_caa, false, false, "zone"},
}};

const ParameterValue& parameter(const RuleInput& input, std::string_view name) {
  const ParameterValue* const value = find_parameter(input.control, name);
  // Only a rule that asks for what its row does not have gets here.
  if (value == nullptr) std::abort();
  return *value;
}

Freshness unknown(std::string reason, TimePoint holds_until = TimePoint::max()) {
  return {Judgement{.kind = Judgement::Kind::kUnknown, .reason = std::move(reason)}, holds_until};
}

std::string why(const SectionState& section) {
  return section.reason.empty() ? "it gave no reason" : printable(section.reason);
}

}  // namespace

std::span<const Rule> all_rules() {
  return kRules;
}

const Rule* find_rule(std::string_view name) {
  for (const Rule& rule : kRules) {
    if (rule.name == name) return &rule;
  }
  return nullptr;
}

const ParameterValue* find_parameter(const Control& control, std::string_view name) {
  const Rule* const rule = find_rule(control.rule);
  if (rule == nullptr) return nullptr;
  for (const Parameter& known : rule->parameters) {
    if (known.name != name) continue;
    for (const auto& [told, value] : control.parameters) {
      if (told == name) return &value;
    }
    return &known.usual;
  }
  return nullptr;
}

Duration RuleInput::duration(std::string_view name) const {
  return std::get<Duration>(parameter(*this, name));
}

double RuleInput::fraction(std::string_view name) const {
  return std::get<double>(parameter(*this, name));
}

int64_t RuleInput::count(std::string_view name) const {
  return std::get<int64_t>(parameter(*this, name));
}

const Globs& RuleInput::globs(std::string_view name) const {
  return std::get<Globs>(parameter(*this, name));
}

const SectionState* RuleInput::section(std::string_view probe) const {
  for (const SectionState& candidate : host.sections) {
    // Those of a target are all its own.
    const bool is_own = host.kind != kHostKind || candidate.entity.empty();
    if (is_own && candidate.probe == probe) return &candidate;
  }
  return nullptr;
}

Freshness judge_freshness(const RuleInput& input, std::string_view probe,
                          std::string_view facts_type) {
  const SectionState* const section = input.section(probe);
  if (section == nullptr) return unknown(fmt::format("the probe {} has not reported yet", probe));
  const bool failed = section->outcome == v1::OUTCOME_FAILED;
  const bool does_not_apply = section->outcome == v1::OUTCOME_NOT_APPLICABLE;
  if (!section->has_facts() && !does_not_apply) {
    return unknown(failed ? fmt::format("the probe {} could not look: {}", probe, why(*section))
                          : fmt::format("the probe {} gave no facts", probe));
  }
  if (!failed && !does_not_apply && section->outcome != v1::OUTCOME_OBSERVED) {
    return unknown(
        fmt::format("the probe {} ended its look in a way newer than this collector", probe));
  }
  const TimePoint too_old = saturating_add(section->observed_at, input.control.max_age);
  if (input.now >= too_old) {
    std::string reason = fmt::format("the facts of the probe {} are too old, last seen {}", probe,
                                     to_iso8601(section->observed_at));
    if (failed) reason += fmt::format("; the last look failed: {}", why(*section));
    return unknown(std::move(reason));
  }
  if (does_not_apply) {
    return {Judgement{.kind = Judgement::Kind::kNotApplicable, .reason = why(*section)}, too_old};
  }
  if (section->facts_type != facts_type) {
    return unknown(fmt::format("the facts are of a type newer than this collector ({})",
                               printable(section->facts_type, 128)),
                   too_old);
  }
  return {std::nullopt, too_old};
}

}  // namespace muster::policy
