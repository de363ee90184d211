#include "common/policy/rules/times.h"

#include <algorithm>
#include <array>

#include "common/duration.h"

namespace muster::policy {

TimePoint saturating_add(TimePoint time, Duration duration) {
  if (duration > Duration::zero() && time > TimePoint::max() - duration) return TimePoint::max();
  if (duration < Duration::zero() && time < TimePoint::min() - duration) return TimePoint::min();
  return time + duration;
}

Age describe_age(TimePoint since, TimePoint now) {
  // The units of describe_duration. An age of 90 minutes reads "1 hour" until it is two.
  constexpr std::array<Duration, 3> kUnits{std::chrono::days(1), std::chrono::hours(1),
                                           std::chrono::minutes(1)};
  // Clamped, so that no time stamp from outside overflows the difference.
  const TimePoint oldest = saturating_add(now, -Duration(std::chrono::days(100'000)));
  const Duration age = now - std::clamp(since, oldest, now);
  Duration unit = std::chrono::seconds(1);
  for (const Duration candidate : kUnits) {
    if (age < candidate) continue;
    unit = candidate;
    break;
  }
  return {describe_duration(age), saturating_add(now, unit - age % unit)};
}

}  // namespace muster::policy
