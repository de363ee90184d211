// When to report next, decided from how the last report went. Pure; any thread.
#pragma once

#include <absl/status/status.h>

#include "common/clock.h"

namespace muster::agent {

// A change waits this long for others, so that they travel together.
inline constexpr Duration kChangeDelay = std::chrono::seconds(2);
// What the collector asks for is believed between these: one that answers nonsense neither silences
// its agents nor makes them run in circles.
inline constexpr Duration kShortestBrake = std::chrono::seconds(1);
inline constexpr Duration kLongestBrake = std::chrono::hours(1);

struct ReportResult {
  absl::Status status = absl::OkStatus();
  // Failures in a row, this one included.
  unsigned failures = 0;
  // The agent looks at targets for the collector, which it may only while reports get through: what
  // did not is tried again after the interval at the latest. Such agents are few.
  bool holds_leases = false;
  // Something that can be sent at once waits, and this report moved something.
  bool continues = false;
  // What the collector asked for; 0 leaves it to the agent. Well above the interval it is a brake.
  Duration brake{0};
};

struct ReportPlan {
  Duration delay{0};
  // Whether a change may bring the next report forward. Not in a brake, not in a back-off.
  bool changes_hurry = true;
};

// `random` is in [0, 1).
ReportPlan plan_after(const ReportResult& result, Duration interval, double random);

// Whether the collector has said no to what was sent or to who sent it, so that the same again
// cannot help soon.
bool is_refusal(const absl::Status& status);

}  // namespace muster::agent
