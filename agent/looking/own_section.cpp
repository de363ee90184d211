#include "agent/looking/own_section.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <unistd.h>

#include <charconv>

#include "agent/looking/probe_list.h"
#include "agent/sandbox/sandbox.h"
#include "common/files.h"
#include "common/timestamp.h"
#include "common/version.h"
#include "muster/v1/agent_facts.pb.h"

namespace muster::agent {
namespace {

double seconds(Duration duration) {
  return std::chrono::duration<double>(duration).count();
}

// A map has no order of its own, and other bytes would be other facts.
std::string serialized(const v1::AgentFacts& facts) {
  std::string bytes;
  {
    google::protobuf::io::StringOutputStream stream(&bytes);
    google::protobuf::io::CodedOutputStream coded(&stream);
    coded.SetSerializationDeterministic(true);
    facts.SerializeToCodedStream(&coded);
  }
  return bytes;
}

}  // namespace

v1::Section own_section(const OwnState& state, const Config& config, const ProbeRunner& runner,
                        TimePoint now) {
  v1::AgentFacts facts;
  facts.set_version(kVersion);
  *facts.mutable_started_at() = to_proto(state.started_at);
  if (state.launcher) {
    facts.set_runs_as_root(state.launcher->privileged);
    *facts.mutable_sandbox() = sandbox_of(*state.launcher);
  }
  if (state.certificate) {
    *facts.mutable_certificate_not_after() = to_proto(state.certificate->not_after);
    facts.set_certificate_generation(state.certificate->generation);
  }
  facts.set_renewal_error(state.renewal_error);
  facts.mutable_labels()->insert(config.labels.begin(), config.labels.end());
  for (const Target& target : config.own_targets) {
    v1::OwnTarget& own = *facts.add_targets();
    own.set_name(target.name);
    own.set_kind(target.kind);
    own.set_address(target.address);
    own.set_interval_milliseconds(static_cast<uint32_t>(
        std::chrono::duration_cast<std::chrono::milliseconds>(target.interval).count()));
  }

  v1::Section section;
  const auto measure = [&section](std::string_view name, std::string_view subject, double value) {
    v1::Measurement& measurement = *section.add_measurements();
    measurement.set_name(std::string(name));
    measurement.set_subject(std::string(subject));
    measurement.set_value(value);
  };
  for (size_t i = 0; i < all_probes().size(); ++i) {
    const ProbeRow& row = all_probes()[i];
    v1::AgentProbe& probe = *facts.add_probes();
    probe.set_name(std::string(row.name));
    probe.set_interval_seconds(static_cast<uint32_t>(seconds(config.probes[i].interval)));
    probe.set_disabled(!config.probes[i].enabled);
    const LookCounts counts = runner.counts_of(row.name);
    measure("probe_runs_total", row.name, static_cast<double>(counts.runs));
    measure("probe_failures_total", row.name, static_cast<double>(counts.failures));
    measure("probe_confirmed_total", row.name, static_cast<double>(counts.confirmed));
    if (counts.runs > 0) {
      measure("probe_duration_seconds", row.name, seconds(counts.last_duration));
    }
  }
  measure("outbox_entries", "", static_cast<double>(state.outbox.waiting));
  measure("outbox_bytes", "", static_cast<double>(state.outbox.bytes));
  measure("outbox_dropped_total", "", static_cast<double>(state.outbox.dropped));
  measure("outbox_damaged_total", "", static_cast<double>(state.outbox.damaged));
  measure("outbox_refused_total", "", static_cast<double>(state.outbox.refused));
  measure("targets_held", "", static_cast<double>(state.targets.held + config.own_targets.size()));
  measure("targets_refused_total", "", static_cast<double>(state.targets.refused));
  measure("target_looks_total", "", static_cast<double>(state.targets.looks.looks));
  measure("target_looks_late_total", "",
          static_cast<double>(state.targets.looks.late + state.targets.looks.missed));
  if (state.resident_bytes > 0) {
    measure("resident_memory_bytes", "", static_cast<double>(state.resident_bytes));
  }
  section.set_probe("agent");
  section.set_outcome(v1::OUTCOME_OBSERVED);
  *section.mutable_observed_at() = to_proto(now);
  section.set_facts_type(facts.GetTypeName());
  section.set_facts(serialized(facts));
  return section;
}

v1::Sandbox sandbox_of(const LauncherFacts& launcher) {
  v1::Sandbox sandbox;
  for (size_t i = 0; i < kMechanismCount; ++i)
    sandbox.add_mechanisms(std::string(mechanism_name(static_cast<Mechanism>(i))));
  for (const LauncherFacts::Gap& gap : launcher.missing) {
    v1::SandboxGap& missing = *sandbox.add_missing();
    missing.set_mechanism(gap.mechanism);
    missing.set_reason(gap.reason);
  }
  return sandbox;
}

uint64_t resident_bytes() {
  // proc(5): total and resident, in pages.
  const absl::StatusOr<std::string> statm = read_file("/proc/self/statm", 4096);
  if (!statm.ok()) return 0;
  const size_t space = statm->find(' ');
  uint64_t pages = 0;
  if (space != std::string::npos) {
    std::from_chars(statm->data() + space + 1, statm->data() + statm->size(), pages);
  }
  return pages * static_cast<uint64_t>(::sysconf(_SC_PAGESIZE));
}

}  // namespace muster::agent
