// What a report changes in what is held of a host: the rules of proto/muster/v1/reporting.proto,
// pure, in one place. A version is (epoch, entity, probe, sequence).
//
//   later epoch        its sequences begin anew: whatever is held counts as sequence 0
//   earlier epoch      nothing is taken; the answer's epoch tells the agent
//   higher sequence    new, if its facts came along or are the ones held (by digest); else wanted
//   the same sequence  a heartbeat: times and measurements move. Another outcome or digest under a
//                      known sequence is taken as new, or wanted
//   lower sequence     a repetition: acknowledged at what is held
//
// Several versions of one probe in one report are applied in their order.
//
// A target's versions are of whoever looks at it. With another reporter, sequences begin anew as
// with a later epoch; what he saw before what is held was seen is acknowledged and has no effect.
#pragma once

#include <absl/status/statusor.h>

#include <span>
#include <string_view>
#include <vector>

#include "collector/store/store.h"
#include "common/clock.h"
#include "common/section_state.h"
#include "muster/v1/reporting.pb.h"

namespace muster::collector {

// Moves the agent's times into the collector's: what was seen a minute before the report was sent
// was seen a minute before it came, however wrong the agent's clock is. Never in the future.
class TimeShift {
 public:
  TimeShift(TimePoint now, TimePoint sent_at);
  TimePoint to_collector(TimePoint agent_time) const;
  // Agent's clock minus ours.
  double offset_seconds() const;

 private:
  TimePoint now_;
  TimePoint sent_at_;
};

// The sections of one host. States lie side by side, because the policy judges them as a span.
class SectionTable {
 public:
  static constexpr size_t kNone = static_cast<size_t>(-1);

  size_t find(std::string_view entity, std::string_view probe) const;
  const std::vector<SectionState>& states() const { return states_; }
  SectionState& state(size_t index) { return states_[index]; }
  const SectionState& state(size_t index) const { return states_[index]; }
  uint64_t sequence(size_t index) const { return sequences_[index]; }
  size_t size() const { return states_.size(); }

  // Adds it or replaces the one of the same (entity, probe).
  void put(SectionRecord record);
  // All of them are of an entity that is called so now.
  void rename(std::string_view entity);
  // A later epoch began, or another reporter.
  void reset_sequences();

 private:
  std::vector<SectionState> states_;
  // Of the state at the same index.
  std::vector<uint64_t> sequences_;
};

// What one report says of one entity.
struct ReportedEntity {
  // As its sections are held: "" of a host itself, else the target's name.
  std::string_view entity;
  uint64_t epoch = 0;
  // All of the same entity of the request, which outlives it.
  std::span<const v1::SectionVersion* const> versions;
};

// How it is held: by whose sequences.
struct HeldVersions {
  const SectionTable& sections;
  uint64_t epoch = 0;
  // False for a target that somebody else reported last.
  bool same_reporter = true;
  size_t most_sections;
  size_t most_facts_bytes;
};

// What must be committed, and the lists of the answer once it is.
struct PlannedVersions {
  std::vector<SectionRecord> changed;
  std::vector<v1::CommittedSection> committed;
  std::vector<v1::WantedSection> wanted;
};
// What one host may hold: beyond it, a report is InvalidArgument.
inline constexpr size_t kMostSections = 256;
inline constexpr size_t kMostFactsBytes = 16 * 1024 * 1024;
// And of one target.
inline constexpr size_t kMostTargetSections = 4;
inline constexpr size_t kMostTargetFactsBytes = 256 * 1024;

absl::StatusOr<PlannedVersions> plan_versions(const HeldVersions& held,
                                              const ReportedEntity& reported,
                                              const TimeShift& shift);

// Moves times and measurements of what the report confirms. The table is at the report's epoch, and
// its reporter's.
void apply_heartbeats(SectionTable& held, const ReportedEntity& reported, const TimeShift& shift);

}  // namespace muster::collector
