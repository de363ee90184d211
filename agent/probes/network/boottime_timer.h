// A timer of Asio's on CLOCK_BOOTTIME, which goes on while the host sleeps: what a lease is
// measured by. Asio itself waits on a clock that stands still meanwhile, so it looks again every
// second.
#pragma once

#include <algorithm>
#include <boost/asio/basic_waitable_timer.hpp>
#include <chrono>

#include "common/clock.h"

namespace muster::network_probe {

struct BoottimeClock {
  using duration = Duration;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<BoottimeClock>;
  // NOLINTNEXTLINE(readability-identifier-naming): std::chrono's requirements give the name.
  static constexpr bool is_steady = true;

  static time_point now() { return time_point(SystemClock().uptime()); }
};

struct LookAgainEverySecond {
  static Duration to_wait_duration(const Duration& left) {
    return std::min(left, Duration(std::chrono::seconds(1)));
  }
  static Duration to_wait_duration(const BoottimeClock::time_point& end) {
    return to_wait_duration(end - BoottimeClock::now());
  }
};

using BoottimeTimer = boost::asio::basic_waitable_timer<BoottimeClock, LookAgainEverySecond>;

}  // namespace muster::network_probe
