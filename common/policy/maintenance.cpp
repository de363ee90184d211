#include "common/policy/maintenance.h"

#include <algorithm>

namespace muster::policy {
namespace {

WindowState state_of_span(TimePoint starts, TimePoint ends, TimePoint now) {
  if (now < starts) return {.is_open = false, .changes_at = starts};
  if (now < ends) return {.is_open = true, .changes_at = ends};
  return {};
}

}  // namespace

WindowState state_at(const MaintenanceWindow& window, TimePoint now) {
  if (window.weekdays == 0) return state_of_span(window.starts, window.ends, now);
  using std::chrono::days;
  const auto today = std::chrono::floor<days>(now);
  WindowState state;
  // One that began a week ago may still be open, and the next is at most a week away. Those that
  // overlap are one: it ends when the last of them does.
  for (int day = -7; day <= 8; ++day) {
    const std::chrono::sys_days date = std::chrono::sys_days(today.time_since_epoch()) + days(day);
    const unsigned weekday = std::chrono::weekday(date).c_encoding();
    if ((window.weekdays >> weekday & 1U) == 0) continue;
    const TimePoint starts =
        TimePoint(std::chrono::duration_cast<Duration>(date.time_since_epoch())) + window.from;
    const TimePoint reached = state.is_open ? state.changes_at : now;
    if (starts > reached) {
      return state.is_open ? state : WindowState{.is_open = false, .changes_at = starts};
    }
    if (starts + window.lasts > reached) {
      state = {.is_open = true, .changes_at = starts + window.lasts};
    }
  }
  // Open for a week on end: every week is like this one.
  if (state.is_open) state.changes_at = TimePoint::max();
  return state;
}

}  // namespace muster::policy
