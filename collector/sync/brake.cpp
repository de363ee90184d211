#include "collector/sync/brake.h"

#include <algorithm>

namespace muster::collector {

Duration next_sync_after(Duration interval, double load, double spread) {
  constexpr double kStrongest = 9;
  constexpr Duration kLongest = std::chrono::hours(1);
  const double slowed = 1 + kStrongest * std::clamp(load, 0.0, 1.0);
  const double spreading = 0.9 + 0.2 * std::clamp(spread, 0.0, 1.0);
  const auto wait = static_cast<double>(interval.count()) * slowed * spreading;
  return std::min(kLongest, Duration(static_cast<Duration::rep>(wait)));
}

}  // namespace muster::collector
