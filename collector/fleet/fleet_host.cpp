#include "collector/fleet/fleet_host.h"

#include <algorithm>

#include "collector/fleet/known_facts.h"
#include "common/policy/rules.h"

namespace muster::collector {
namespace {

constexpr const char* kReportingRule = "host_reporting";

// What a control of the rule host_reporting says.
Duration silence_of(const policy::Control& control) {
  return std::get<Duration>(*policy::find_parameter(control, "silent_after"));
}

}  // namespace

policy::HostView Fleet::Host::view() const {
  return {.sections = sections.states(),
          .last_sync = record.last_sync_at,
          .enrolled_at = record.enrolled_at,
          .name = record.name,
          .labels = &labels};
}

std::optional<TimePoint> Fleet::Host::silent_at(const policy::Policy& policy) const {
  if (!record.last_sync_at.has_value()) return std::nullopt;
  // Without such a control the series still need an end.
  policy::Control usual;
  usual.rule = kReportingRule;
  std::optional<Duration> silent_after;
  for (const policy::Control& control : policy.controls) {
    if (control.rule != kReportingRule) continue;
    const Duration time = silence_of(control);
    silent_after = std::min(silent_after.value_or(time), time);
  }
  return *record.last_sync_at + silent_after.value_or(silence_of(usual));
}

void Fleet::Host::note_facts(const SectionState& section) {
  if (section.probe == "host") {
    os_pretty_name = os_pretty_name_of(section);
    os = policy::os_of({&section, 1});
  }
  if (section.probe == "agent") agent_version = agent_version_of(section);
}

SyncWrite Fleet::Host::times() const {
  SyncWrite write;
  write.host_id = record.id;
  write.epoch = record.epoch;
  write.synced_at = record.last_sync_at.value_or(record.enrolled_at);
  write.clock_offset_seconds = record.clock_offset_seconds;
  for (size_t index = 0; index < sections.size(); ++index) {
    const SectionState& from = sections.state(index);
    SectionRecord& to = write.sections.emplace_back();
    to.state.entity = from.entity;
    to.state.probe = from.probe;
    to.state.looked_at = from.looked_at;
    to.state.observed_at = from.observed_at;
    to.state.measurements = from.measurements;
    to.sequence = sections.sequence(index);
  }
  return write;
}

}  // namespace muster::collector
