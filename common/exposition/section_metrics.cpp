#include "common/exposition/section_metrics.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <set>
#include <string_view>
#include <vector>

#include "common/exposition/certificate_metrics.h"
#include "common/exposition/firmware_metrics.h"
#include "common/exposition/fwupd_metrics.h"
#include "common/exposition/hardware_metrics.h"
#include "common/exposition/host_metrics.h"
#include "common/exposition/package_metrics.h"
#include "common/exposition/protection_metrics.h"
#include "common/exposition/restart_metrics.h"
#include "common/exposition/section_facts.h"
#include "common/exposition/tls_metrics.h"
#include "common/timestamp.h"
#include "muster/v1/agent_facts.pb.h"
#include "muster/v1/certificate_facts.pb.h"
#include "muster/v1/firmware_facts.pb.h"
#include "muster/v1/fwupd_facts.pb.h"
#include "muster/v1/hardware_facts.pb.h"
#include "muster/v1/host_facts.pb.h"
#include "muster/v1/lifecycle_facts.pb.h"
#include "muster/v1/listener_facts.pb.h"
#include "muster/v1/package_facts.pb.h"
#include "muster/v1/protection_facts.pb.h"
#include "muster/v1/restart_facts.pb.h"

namespace muster::exposition {
namespace {

// More than there are; what a host says is bounded.
constexpr size_t kMostMechanisms = 16;

// A measurement of the section "agent" and the family it is shown as.
struct AgentMeasurement {
  std::string_view name;
  HostFamily family;
  // Whether it is of a probe, which its subject names.
  bool per_probe;
};

constexpr std::array<AgentMeasurement, 14> kAgentMeasurements{{
    {"probe_duration_seconds", kProbeDuration, true},
    {"probe_runs_total", kProbeRuns, true},
    {"probe_failures_total", kProbeFailures, true},
    {"probe_confirmed_total", kProbeConfirmed, true},
    {"outbox_entries", kAgentOutboxEntries, false},
    {"outbox_bytes", kAgentOutboxBytes, false},
    {"outbox_dropped_total", kAgentOutboxDropped, false},
    {"outbox_damaged_total", kAgentOutboxDamaged, false},
    {"outbox_refused_total", kAgentOutboxRefused, false},
    {"targets_refused_total", kAgentTargetsRefused, false},
    {"targets_held", kAgentTargetsHeld, false},
    {"target_looks_total", kAgentTargetLooks, false},
    {"target_looks_late_total", kAgentTargetLooksLate, false},
    {"resident_memory_bytes", kAgentResidentMemory, false},
}};

void add_agent_measurements(SampleWriter& writer, const SectionState& section) {
  for (const v1::Measurement& measurement : section.measurements) {
    if (!std::isfinite(measurement.value())) continue;
    for (const AgentMeasurement& known : kAgentMeasurements) {
      if (known.name != measurement.name()) continue;
      if (known.per_probe) {
        writer.add(known.family, {{"probe", measurement.subject()}}, measurement.value());
      } else {
        writer.add(known.family, {}, measurement.value());
      }
      break;
    }
  }
}

void add_agent(SampleWriter& writer, const v1::AgentFacts& facts) {
  if (facts.has_started_at()) writer.add(kAgentStart, {}, unix_seconds(facts.started_at()));
  if (facts.has_certificate_not_after()) {
    writer.add(kAgentCertificateNotAfter, {}, unix_seconds(facts.certificate_not_after()));
  }
  if (facts.certificate_generation() > 0) {
    writer.add(kAgentCertificateGeneration, {},
               static_cast<double>(facts.certificate_generation()));
  }
  // What a host says may be said twice, and would then be one series twice.
  std::set<std::string_view> told;
  for (const std::string& mechanism : facts.sandbox().mechanisms()) {
    if (told.size() >= kMostMechanisms || !told.insert(mechanism).second) continue;
    const bool missing = std::any_of(
        facts.sandbox().missing().begin(), facts.sandbox().missing().end(),
        [&mechanism](const v1::SandboxGap& gap) { return gap.mechanism() == mechanism; });
    writer.add(kAgentSandbox, {{"mechanism", mechanism}}, missing ? 0 : 1);
  }
}

std::string_view virtualization_name(const v1::HostFacts& facts) {
  if (!facts.virtualization_technology().empty()) return facts.virtualization_technology();
  switch (facts.virtualization()) {
    case v1::VIRTUALIZATION_NONE:
      return "none";
    case v1::VIRTUALIZATION_VIRTUAL_MACHINE:
      return "virtual_machine";
    case v1::VIRTUALIZATION_CONTAINER:
      return "container";
    default:
      return "unknown";
  }
}

void add_host(SampleWriter& writer, const v1::HostFacts& facts, std::string_view agent_version) {
  writer.add(kHostInfo,
             {{"os_id", facts.os_id()},
              {"os_version", facts.os_version_id()},
              {"kernel", facts.kernel_release()},
              {"architecture", facts.architecture()},
              {"virtualization", virtualization_name(facts)},
              {"vendor", facts.vendor()},
              {"model", facts.model()},
              {"agent_version", agent_version}},
             1);
  if (facts.has_boot_time()) writer.add(kHostBoot, {}, unix_seconds(facts.boot_time()));
}

std::string_view outcome_name(v1::Outcome outcome) {
  switch (outcome) {
    case v1::OUTCOME_OBSERVED:
      return "observed";
    case v1::OUTCOME_NOT_APPLICABLE:
      return "not_applicable";
    default:
      // Also what a newer agent may call it: no facts came of it that we know.
      return "failed";
  }
}

// Those of the host itself, by the names of their probes.
std::vector<const SectionState*> in_order(std::span<const SectionState> sections) {
  std::vector<const SectionState*> ordered;
  ordered.reserve(sections.size());
  for (const SectionState& section : sections) {
    if (section.entity.empty()) ordered.push_back(&section);
  }
  std::stable_sort(
      ordered.begin(), ordered.end(),
      [](const SectionState* a, const SectionState* b) { return a->probe < b->probe; });
  return ordered;
}

}  // namespace

void add_times_and_measurements(SampleWriter& writer, std::span<const SectionState> sections) {
  const std::vector<const SectionState*> ordered = in_order(sections);
  for (const SectionState* section : ordered) {
    if (section->observed_at == TimePoint{}) continue;
    writer.add(kProbeLastObserved, {{"probe", section->probe}},
               to_unix_seconds(section->observed_at));
  }
  for (const SectionState* section : ordered) {
    if (section->probe == "agent") add_agent_measurements(writer, *section);
  }
}

void add_outcomes_and_facts(SampleWriter& writer, std::span<const SectionState> sections) {
  const std::vector<const SectionState*> ordered = in_order(sections);
  std::string agent_version;
  std::vector<v1::CertificateFacts> all_certificates;
  std::vector<v1::ListenerFacts> all_listeners;
  for (const SectionState* section : ordered) {
    writer.add(kProbeOutcome,
               {{"probe", section->probe}, {"outcome", outcome_name(section->outcome)}}, 1);
  }
  for (const SectionState* section : ordered) {
    if (const auto agent = facts_of<v1::AgentFacts>(*section)) {
      agent_version = agent->version();
      add_agent(writer, *agent);
    } else if (const auto packages = facts_of<v1::PackageFacts>(*section)) {
      add_packages(writer, *packages);
    } else if (auto certificates = facts_of<v1::CertificateFacts>(*section)) {
      add_certificate_counts(writer, *certificates);
      all_certificates.push_back(*std::move(certificates));
    } else if (auto listeners = facts_of<v1::ListenerFacts>(*section)) {
      add_listeners(writer, *listeners);
      all_listeners.push_back(*std::move(listeners));
    } else if (const auto restart = facts_of<v1::RestartFacts>(*section)) {
      add_restart(writer, *restart, InstalledKernels(ordered));
    } else if (const auto lifecycle = facts_of<v1::LifecycleFacts>(*section)) {
      add_lifecycle(writer, *lifecycle);
    } else if (const auto antivirus = facts_of<v1::AntivirusFacts>(*section)) {
      add_antivirus(writer, *antivirus);
    } else if (const auto watching = facts_of<v1::IntrusionDetectionFacts>(*section)) {
      add_intrusion_detection(writer, *watching);
    } else if (const auto firmware = facts_of<v1::FirmwareFacts>(*section)) {
      add_firmware(writer, *firmware);
    } else if (const auto fwupd = facts_of<v1::FwupdFacts>(*section)) {
      add_fwupd(writer, *fwupd);
    } else if (const auto hardware = facts_of<v1::HardwareFacts>(*section)) {
      add_hardware(writer, *hardware);
    }
  }
  // Behind the loop, because the agent's version comes from another section, wherever it stands.
  for (const SectionState* section : ordered) {
    if (const auto host = facts_of<v1::HostFacts>(*section)) add_host(writer, *host, agent_version);
  }
  // What is served matters before what lies about.
  CertificateSamples samples(writer, kHostCertificates);
  for (const v1::ListenerFacts& listeners : all_listeners)
    add_listener_certificates(samples, listeners);
  for (const v1::CertificateFacts& certificates : all_certificates)
    add_certificate_files(writer, samples, certificates);
}

}  // namespace muster::exposition
