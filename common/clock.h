// Time as Muster uses it: UTC, to the microsecond, from a clock that is passed in, so that tests
// hold it in their hand. Any thread.
#pragma once

#include <chrono>

namespace muster {

using Duration = std::chrono::microseconds;
using TimePoint = std::chrono::sys_time<Duration>;

// Tells the time of day. Owned by main, or by a test.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual TimePoint now() const = 0;
  // How long this machine has been up, asleep or awake: what nobody sets.
  virtual Duration uptime() const;
};

// The machine's own.
class SystemClock : public Clock {
 public:
  TimePoint now() const override;
};

}  // namespace muster
