// One section of one entity at rest: what the last look said, and the facts of the last look that
// saw any. This is what the policy judges and the exposition shows, in the collector and in
// `muster-agent check` alike. A plain value; facts stay in wire bytes (a message in memory is four
// times its wire size).
#pragma once

#include <string>
#include <vector>

#include "common/clock.h"
#include "muster/v1/section.pb.h"

namespace muster {

struct SectionState {
  // Empty: the host itself.
  std::string entity;
  // "packages-apt".
  std::string probe;

  // How the last look ended, why, and when (collector's clock where there is one).
  v1::Outcome outcome = v1::OUTCOME_UNSPECIFIED;
  std::string reason;
  TimePoint looked_at;

  // The facts last observed, and when they were last confirmed. A failed look leaves them, so that
  // each control's max_age decides; a look that says "not applicable" clears them. facts_type is
  // empty when there are none.
  TimePoint observed_at;
  std::string facts_type;
  std::string facts;
  // SHA-256 over `facts`, 32 bytes, where the holder needs it; apply_look clears it.
  std::string digest;

  std::vector<v1::Measurement> measurements;

  bool has_facts() const { return !facts_type.empty(); }
};

// Carries one look over into the state: the rule above in one place. `looked_at` is in the time of
// whoever holds the state.
void apply_look(SectionState& state, v1::Section look, TimePoint looked_at);

// The value of a measurement of the section, or null if it has none of that name and subject.
const v1::Measurement* find_measurement(const SectionState& state, std::string_view name,
                                        std::string_view subject = {});

}  // namespace muster
