#include "collector/fleet/sync_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "common/timestamp.h"

namespace muster::collector {
namespace {

// One probe of the entity while a report is gone through.
struct Progress {
  std::string_view probe;
  // As the report names the entity.
  std::string_view entity;
  // What is held, or null.
  const SectionState* held = nullptr;
  uint64_t sequence = 0;
  // What it became, if it changed.
  std::optional<SectionRecord> changed;
  bool wanted = false;

  const SectionState* state() const { return changed ? &changed->state : held; }
};

// Far from where adding and subtracting could overflow, whatever a clock says.
TimePoint clamp_time(TimePoint time) {
  constexpr TimePoint kLatest = std::chrono::sys_days(std::chrono::year(3000) / 1 / 1);
  return std::clamp(time, TimePoint(), kLatest);
}

bool matches(const SectionState* state, const v1::SectionVersion& version) {
  return version.outcome() != v1::OUTCOME_OBSERVED ||
         (state != nullptr && state->has_facts() && state->digest == version.digest() &&
          state->facts_type == version.facts_type());
}

bool is_heartbeat(const SectionState* state, uint64_t sequence, const v1::SectionVersion& version) {
  return state != nullptr && sequence == version.sequence() &&
         state->outcome == version.outcome() && matches(state, version);
}

void confirm(SectionState& state, const v1::SectionVersion& version, TimePoint looked_at) {
  state.looked_at = std::max(state.looked_at, looked_at);
  if (version.outcome() != v1::OUTCOME_FAILED) {
    state.observed_at = std::max(state.observed_at, looked_at);
  }
  state.measurements.assign(version.measurements().begin(), version.measurements().end());
}

SectionRecord make_record(std::string_view entity, const SectionState* before,
                          const v1::SectionVersion& version, TimePoint looked_at) {
  SectionRecord record;
  // What was observed with its facts replaces everything.
  const bool is_whole = version.outcome() == v1::OUTCOME_OBSERVED && version.has_facts();
  if (before != nullptr && !is_whole) record.state = *before;
  record.state.entity = entity;
  record.state.probe = version.probe();
  record.sequence = version.sequence();
  v1::Section look;
  look.set_outcome(version.outcome());
  look.set_reason(version.reason());
  look.set_facts_type(version.facts_type());
  look.set_facts(version.has_facts() ? version.facts() : record.state.facts);
  *look.mutable_measurements() = version.measurements();
  apply_look(record.state, std::move(look), looked_at);
  if (version.outcome() == v1::OUTCOME_OBSERVED) record.state.digest = version.digest();
  return record;
}

void take_version(Progress& progress, std::string_view entity, bool same_reporter,
                  const v1::SectionVersion& version, TimePoint looked_at) {
  const SectionState* state = progress.state();
  if (version.sequence() < progress.sequence) return;
  if (!same_reporter && state != nullptr && looked_at < state->looked_at) {
    progress.sequence = version.sequence();
    return;
  }
  if (is_heartbeat(state, progress.sequence, version)) {
    if (progress.changed) confirm(progress.changed->state, version, looked_at);
    return;
  }
  if (!version.has_facts() && !matches(state, version)) {
    progress.wanted = true;
    return;
  }
  progress.changed = make_record(entity, state, version, looked_at);
  progress.sequence = version.sequence();
  progress.wanted = false;
}

absl::Status check_bounds(const HeldVersions& bounds, const std::vector<SectionRecord>& changed) {
  const SectionTable& held = bounds.sections;
  if (changed.empty()) return absl::OkStatus();
  size_t sections = held.size();
  size_t bytes = 0;
  for (const SectionState& state : held.states())
    bytes += state.facts.size();
  for (const SectionRecord& record : changed) {
    const size_t index = held.find(record.state.entity, record.state.probe);
    if (index == SectionTable::kNone) {
      ++sections;
    } else {
      bytes -= held.state(index).facts.size();
    }
    bytes += record.state.facts.size();
  }
  if (sections > bounds.most_sections) {
    return absl::InvalidArgumentError(
        fmt::format("the host reports more than {} probes", bounds.most_sections));
  }
  if (bytes > bounds.most_facts_bytes) {
    return absl::InvalidArgumentError(
        fmt::format("the facts are larger than {} bytes together", bounds.most_facts_bytes));
  }
  return absl::OkStatus();
}

}  // namespace

TimeShift::TimeShift(TimePoint now, TimePoint sent_at) : now_(now), sent_at_(clamp_time(sent_at)) {}

TimePoint TimeShift::to_collector(TimePoint agent_time) const {
  return std::min(now_, now_ - (sent_at_ - clamp_time(agent_time)));
}

double TimeShift::offset_seconds() const {
  return std::chrono::duration<double>(sent_at_ - now_).count();
}

size_t SectionTable::find(std::string_view entity, std::string_view probe) const {
  for (size_t index = 0; index < states_.size(); ++index) {
    if (states_[index].probe == probe && states_[index].entity == entity) return index;
  }
  return kNone;
}

void SectionTable::put(SectionRecord record) {
  const size_t index = find(record.state.entity, record.state.probe);
  if (index == kNone) {
    states_.push_back(std::move(record.state));
    sequences_.push_back(record.sequence);
    return;
  }
  states_[index] = std::move(record.state);
  sequences_[index] = record.sequence;
}

void SectionTable::rename(std::string_view entity) {
  for (SectionState& state : states_)
    state.entity = entity;
}

void SectionTable::reset_sequences() {
  std::fill(sequences_.begin(), sequences_.end(), 0);
}

absl::StatusOr<PlannedVersions> plan_versions(const HeldVersions& held,
                                              const ReportedEntity& reported,
                                              const TimeShift& shift) {
  PlannedVersions plan;
  if (held.same_reporter && reported.epoch < held.epoch) return plan;
  const bool anew = !held.same_reporter || reported.epoch > held.epoch;
  // In the order of their first versions.
  std::vector<Progress> all;
  std::map<std::string_view, size_t> places;
  for (const v1::SectionVersion* const version : reported.versions) {
    const auto [place, is_first] = places.try_emplace(version->probe(), all.size());
    if (is_first) {
      Progress& progress = all.emplace_back();
      progress.probe = version->probe();
      progress.entity = version->entity();
      const size_t index = held.sections.find(reported.entity, version->probe());
      if (index != SectionTable::kNone) {
        progress.held = &held.sections.state(index);
        progress.sequence = anew ? 0 : held.sections.sequence(index);
      }
    }
    take_version(all[place->second], reported.entity, held.same_reporter, *version,
                 shift.to_collector(from_proto(version->observed_at())));
  }
  for (Progress& progress : all) {
    v1::CommittedSection& committed = plan.committed.emplace_back();
    committed.set_entity(std::string(progress.entity));
    committed.set_probe(std::string(progress.probe));
    committed.set_sequence(progress.sequence);
    if (progress.wanted) {
      v1::WantedSection& wanted = plan.wanted.emplace_back();
      wanted.set_entity(std::string(progress.entity));
      wanted.set_probe(std::string(progress.probe));
    }
    if (progress.changed) plan.changed.push_back(*std::move(progress.changed));
  }
  absl::Status status = check_bounds(held, plan.changed);
  if (!status.ok()) return status;
  return plan;
}

void apply_heartbeats(SectionTable& held, const ReportedEntity& reported, const TimeShift& shift) {
  for (const v1::SectionVersion* const version : reported.versions) {
    const size_t index = held.find(reported.entity, version->probe());
    if (index == SectionTable::kNone) continue;
    SectionState& state = held.state(index);
    if (!is_heartbeat(&state, held.sequence(index), *version)) continue;
    confirm(state, *version, shift.to_collector(from_proto(version->observed_at())));
  }
}

}  // namespace muster::collector
