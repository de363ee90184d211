// Times in which hosts may be worked on: alerts are silent then; verdicts stay what they are. Pure.
#pragma once

#include <string>

#include "common/clock.h"
#include "common/policy/selector.h"

namespace muster::policy {

struct MaintenanceWindow {
  std::string name;
  Selector match = {};
  // Every week: bit 0 is Sunday. 0: once, from `starts` to `ends`.
  unsigned weekdays = 0;
  // Of a weekly one: the time of day in UTC, and for how long (at most a week).
  Duration from{0};
  Duration lasts{0};
  // Of one that comes once.
  TimePoint starts = {};
  TimePoint ends = {};
  Place place = {};
  bool operator==(const MaintenanceWindow&) const = default;
};

struct WindowState {
  bool is_open = false;
  // Later than now; TimePoint::max(): never again. Windows that overlap or touch are one.
  TimePoint changes_at = TimePoint::max();
};
WindowState state_at(const MaintenanceWindow& window, TimePoint now);

}  // namespace muster::policy
