#include "agent/sync/backoff.h"

#include <algorithm>

namespace muster::agent {
namespace {

using namespace std::chrono_literals;

constexpr Duration kFirst = 1s;
constexpr Duration kLongest = 5min;
constexpr Duration kShortest = 200ms;
// 1 s doubled nine times is past five minutes; more would overflow some day.
constexpr unsigned kMostDoublings = 9;

Duration scaled(Duration duration, double factor) {
  return Duration(static_cast<Duration::rep>(static_cast<double>(duration.count()) * factor));
}

}  // namespace

Duration backoff_delay(unsigned failures, double random) {
  const unsigned doublings = std::min(failures == 0 ? 0 : failures - 1, kMostDoublings);
  const Duration ceiling = std::min<Duration>(kFirst * (1U << doublings), kLongest);
  return std::max(scaled(ceiling, random), kShortest);
}

Duration with_jitter(Duration interval, double random) {
  return scaled(interval, 0.9 + 0.2 * random);
}

}  // namespace muster::agent
