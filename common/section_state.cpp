#include "common/section_state.h"

#include <utility>

namespace muster {

void apply_look(SectionState& state, v1::Section look, TimePoint looked_at) {
  state.outcome = look.outcome();
  state.reason = std::move(*look.mutable_reason());
  state.looked_at = looked_at;
  state.measurements.assign(look.measurements().begin(), look.measurements().end());
  if (look.outcome() == v1::OUTCOME_OBSERVED) {
    state.observed_at = looked_at;
    state.facts_type = std::move(*look.mutable_facts_type());
    state.facts = std::move(*look.mutable_facts());
    state.digest.clear();
  } else if (look.outcome() == v1::OUTCOME_NOT_APPLICABLE) {
    state.observed_at = looked_at;
    state.facts_type.clear();
    state.facts.clear();
    state.digest.clear();
  }
}

const v1::Measurement* find_measurement(const SectionState& state, std::string_view name,
                                        std::string_view subject) {
  for (const v1::Measurement& measurement : state.measurements) {
    if (measurement.name() == name && measurement.subject() == subject) return &measurement;
  }
  return nullptr;
}

}  // namespace muster
