// What looks at targets gave, as a table, as JSON or as metrics. Pure; any thread.
#pragma once

#include <string>
#include <vector>

#include "agent/output/target_check.h"

namespace muster::agent {

// What one look gave, in words.
struct TargetResult {
  // In the order in which they are shown.
  enum class Rank { kNoAnswer, kNotLookedAt, kAnswers } rank = Rank::kNotLookedAt;
  // "connected", "refused", "could not look".
  std::string words;
  // "12 ms"; empty where there is none.
  std::string time;
  // More, where somebody may want to know it; else empty.
  std::string note;
};
TargetResult result_of(const SectionState& section);

}  // namespace muster::agent
