#include "agent/sync/grpc_timers.h"

#include <grpc/support/sync.h>
#include <pthread.h>

#include <array>
#include <atomic>
#include <limits>
#include <string_view>

namespace muster::agent {
namespace {

// As much of "grpc_global_timer" as Linux keeps of a thread's name.
constexpr std::string_view kTimerThread = "grpc_global_tim";

std::atomic<int64_t> tick{0};

bool is_timer_thread() {
  // gRPC names a thread before it does anything else in it.
  thread_local const bool is_one = [] {
    std::array<char, 16> name{};
    return ::pthread_getname_np(::pthread_self(), name.data(), name.size()) == 0 &&
           name.data() == kTimerThread;
  }();
  return is_one;
}

}  // namespace

void gather_grpc_timers(int64_t tick_seconds) {
  tick = tick_seconds;
}

gpr_timespec next_tick(gpr_timespec deadline, int64_t tick_seconds) {
  const int64_t latest = std::numeric_limits<int64_t>::max() - tick_seconds;
  if (deadline.tv_sec < 0 || deadline.tv_sec > latest) return deadline;
  const int64_t beyond = deadline.tv_sec % tick_seconds;
  if (beyond == 0 && deadline.tv_nsec == 0) return deadline;
  deadline.tv_sec += tick_seconds - beyond;
  deadline.tv_nsec = 0;
  return deadline;
}

}  // namespace muster::agent

// NOLINTBEGIN(readability-identifier-naming): the linker's --wrap gives these two names.
extern "C" {

int __real_gpr_cv_wait(gpr_cv* condition, gpr_mu* mutex, gpr_timespec deadline);

int __wrap_gpr_cv_wait(gpr_cv* condition, gpr_mu* mutex, gpr_timespec deadline) {
  using namespace muster::agent;
  const int64_t tick_seconds = tick;
  if (tick_seconds > 0 && is_timer_thread()) deadline = next_tick(deadline, tick_seconds);
  return __real_gpr_cv_wait(condition, mutex, deadline);
}

}  // extern "C"
// NOLINTEND(readability-identifier-naming)
