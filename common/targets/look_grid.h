// When a target is looked at: on a grid of the collector's clock that depends on nothing but the
// target's name and interval. Whoever holds the target looks at the grid's points, so that a target
// that changes hands is still looked at once in an interval, and many targets are spread over it.
// Pure; any thread.
#pragma once

#include <cstdint>
#include <string_view>

#include "common/clock.h"

namespace muster {

class LookGrid {
 public:
  // `interval`: more than 0.
  LookGrid(std::string_view target, Duration interval);

  // The number of the first point at or after `time`.
  int64_t first_from(TimePoint time) const;
  // When that look begins.
  TimePoint begin(int64_t number) const;

 private:
  Duration interval_;
  // From 0 to the interval.
  Duration phase_;
};

}  // namespace muster
