// How far attempts lie apart on average where there may be so many in any second: what an agent
// plans, and what its probes keep together. Header only; any thread.
#pragma once

#include <algorithm>
#include <cstdint>

#include "common/clock.h"

namespace muster::agent {

// An attempt may come this much before its place, so that one that is late does not slow all that
// follow. That comes off the rate, which no second is to exceed.
inline constexpr Duration kEarlyLook = std::chrono::milliseconds(50);

inline Duration look_distance(uint64_t per_second) {
  const auto count = static_cast<int64_t>(std::max<uint64_t>(per_second, 1));
  return Duration(
      ((std::chrono::seconds(1) + kEarlyLook) / std::chrono::microseconds(1) + count - 1) / count);
}

}  // namespace muster::agent
