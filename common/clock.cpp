#include "common/clock.h"

#include <ctime>

namespace muster {

TimePoint SystemClock::now() const {
  return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
}

Duration Clock::uptime() const {
  std::timespec up{};
  ::clock_gettime(CLOCK_BOOTTIME, &up);
  return std::chrono::seconds(up.tv_sec) +
         std::chrono::duration_cast<Duration>(std::chrono::nanoseconds(up.tv_nsec));
}

}  // namespace muster
