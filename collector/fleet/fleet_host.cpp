#include "collector/fleet/fleet_host.h"

#include <utility>

#include "collector/fleet/known_facts.h"

namespace muster::collector {

policy::HostView Fleet::Host::view() const {
  return {.sections = sections.states(),
          .last_sync = record.last_sync_at,
          .enrolled_at = record.enrolled_at,
          .name = record.name,
          .labels = &labels,
          .kind = target ? std::string_view(target->kind) : "host"};
}

TimePoint Fleet::Host::silent_at() const {
  return record.last_sync_at.value_or(TimePoint()) + silent_after;
}

void Fleet::Host::note_facts(const SectionState& section) {
  if (section.probe == "host") {
    os_pretty_name = os_pretty_name_of(section);
    policy::HostOs told = policy::os_of({&section, 1});
    traits_changed |= told != os;
    os = std::move(told);
  }
  if (section.probe == "agent") {
    agent_version = agent_version_of(section);
    own_targets = parse_own_targets(section);
  }
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
