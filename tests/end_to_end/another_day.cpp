// Preloaded into a program of a test: its wall clock is ahead by as many seconds as the
// environment's MUSTER_TEST_SECONDS_AHEAD says. What takes a day, such as the next look at a
// domain, is tested without waiting for it. How time passes, and clocks that count from the boot,
// are the machine's. Of a wait until a time of the wall clock it knows nothing: the programs wait
// by the other clock. Any thread.
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#include <cstdlib>
#include <ctime>

namespace {

time_t seconds_ahead() {
  // Read once: nobody changes the environment before main.
  static const time_t ahead = [] {
    const char* const text = std::getenv("MUSTER_TEST_SECONDS_AHEAD");
    return text == nullptr ? time_t{0} : static_cast<time_t>(std::strtoll(text, nullptr, 10));
  }();
  return ahead;
}

}  // namespace

// As libc has them, which programs find behind these.
extern "C" {

int clock_gettime(clockid_t clock, timespec* time) noexcept {
  const long result = ::syscall(SYS_clock_gettime, clock, time);
  if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
    time->tv_sec += seconds_ahead();
  return static_cast<int>(result);
}

int gettimeofday(timeval* time, void* /*zone*/) noexcept {
  timespec now{};
  if (::clock_gettime(CLOCK_REALTIME, &now) != 0) return -1;
  constexpr long kNanosecondsPerMicrosecond = 1000;
  *time = {.tv_sec = now.tv_sec, .tv_usec = now.tv_nsec / kNanosecondsPerMicrosecond};
  return 0;
}

time_t time(time_t* at) noexcept {
  timespec now{};
  if (::clock_gettime(CLOCK_REALTIME, &now) != 0) return -1;
  if (at != nullptr) *at = now.tv_sec;
  return now.tv_sec;
}
}
