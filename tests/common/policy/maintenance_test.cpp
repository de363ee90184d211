#include "common/policy/maintenance.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "common/timestamp.h"

namespace muster::policy {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;

constexpr Duration kMicrosecond{1};
constexpr TimePoint kNever = TimePoint::max();
constexpr unsigned kSunday = 1U << 0;
constexpr unsigned kMonday = 1U << 1;
constexpr unsigned kThursday = 1U << 4;
constexpr unsigned kSaturday = 1U << 6;
constexpr unsigned kEveryDay = 0x7f;

// Sunday, 22 November 2026, 00:00 UTC.
constexpr TimePoint kSundayMidnight =
    std::chrono::sys_days(std::chrono::year(2026) / std::chrono::November / 22);

MaintenanceWindow weekly(unsigned weekdays, Duration from, Duration lasts) {
  return {.name = "w", .weekdays = weekdays, .from = from, .lasts = lasts};
}

// Closed before `opens`, open until just before `closes`, and says so at each time between.
void expect_open(const MaintenanceWindow& window, TimePoint opens, TimePoint closes) {
  const WindowState before = state_at(window, opens - kMicrosecond);
  EXPECT_FALSE(before.is_open) << to_iso8601(opens);
  EXPECT_EQ(to_iso8601(before.changes_at), to_iso8601(opens));
  for (const TimePoint now : {opens, opens + (closes - opens) / 2, closes - kMicrosecond}) {
    const WindowState state = state_at(window, now);
    EXPECT_TRUE(state.is_open) << to_iso8601(now);
    EXPECT_EQ(to_iso8601(state.changes_at), to_iso8601(closes)) << to_iso8601(now);
  }
  EXPECT_FALSE(state_at(window, closes).is_open) << to_iso8601(closes);
}

TEST(Maintenance, OnceIsFromItsStartToItsEnd) {
  MaintenanceWindow window;
  window.starts = kSundayMidnight + hours(2);
  window.ends = kSundayMidnight + hours(6);
  EXPECT_EQ(state_at(window, kSundayMidnight - days(400)).changes_at, window.starts);
  expect_open(window, window.starts, window.ends);
  EXPECT_EQ(state_at(window, window.ends).changes_at, kNever);
  EXPECT_EQ(state_at(window, window.ends + days(400)).changes_at, kNever);
}

TEST(Maintenance, ComesEveryWeek) {
  const MaintenanceWindow window = weekly(kSunday, hours(2), hours(4));
  for (int week = -60; week <= 60; ++week) {
    const TimePoint midnight = kSundayMidnight + days(7 * week);
    expect_open(window, midnight + hours(2), midnight + hours(6));
    EXPECT_EQ(state_at(window, midnight + hours(6)).changes_at, midnight + days(7) + hours(2));
  }
}

TEST(Maintenance, GoesOnOverMidnightAndOverTheEndOfTheWeek) {
  const MaintenanceWindow night = weekly(kSunday, hours(22), hours(4));
  expect_open(night, kSundayMidnight + hours(22), kSundayMidnight + hours(26));
  // From Saturday into Sunday.
  const MaintenanceWindow turn = weekly(kSaturday, hours(22), hours(4));
  expect_open(turn, kSundayMidnight - hours(2), kSundayMidnight + hours(2));
  // Nearly all of a week.
  const MaintenanceWindow long_one = weekly(kMonday, hours(23), days(7) - minutes(1));
  expect_open(long_one, kSundayMidnight + hours(47),
              kSundayMidnight + hours(47) + days(7) - minutes(1));
}

TEST(Maintenance, HasSeveralDays) {
  const MaintenanceWindow window = weekly(kMonday | kThursday, hours(1), hours(1));
  const TimePoint monday = kSundayMidnight + days(1) + hours(1);
  const TimePoint thursday = kSundayMidnight + days(4) + hours(1);
  expect_open(window, monday, monday + hours(1));
  EXPECT_EQ(state_at(window, monday + hours(1)).changes_at, thursday);
  expect_open(window, thursday, thursday + hours(1));
  EXPECT_EQ(state_at(window, thursday + hours(1)).changes_at, monday + days(7));
}

// An alert must not come through for the moment between two of them.
TEST(Maintenance, ThoseThatOverlapOrTouchAreOne) {
  const TimePoint saturday = kSundayMidnight - days(1);
  expect_open(weekly(kSaturday | kSunday, hours(12), hours(30)), saturday + hours(12),
              saturday + hours(66));
  expect_open(weekly(kSaturday | kSunday, hours(12), hours(24)), saturday + hours(12),
              saturday + hours(60));
}

TEST(Maintenance, IsAlwaysOpenWhereItCoversTheWholeWeek) {
  for (const MaintenanceWindow& window :
       {weekly(kEveryDay, hours(0), hours(24)), weekly(kEveryDay, hours(23), hours(24)),
        weekly(kEveryDay, hours(5), days(7)), weekly(kSunday, hours(0), days(7)),
        weekly(kSunday, hours(23) + minutes(59), days(7)),
        weekly(kMonday | kThursday, hours(3), days(4))}) {
    for (int hour = 0; hour <= 7 * 24; ++hour) {
      const WindowState state = state_at(window, kSundayMidnight + hours(hour));
      EXPECT_TRUE(state.is_open) << hour;
      EXPECT_EQ(state.changes_at, kNever) << hour;
    }
  }
}

TEST(Maintenance, KnowsTheDaysBefore1970AndInTheFarFuture) {
  const MaintenanceWindow window = weekly(kSunday, hours(2), hours(4));
  for (const int weeks : {-52 * 100, 52 * 7000}) {
    const TimePoint midnight = kSundayMidnight + days(7 * weeks);
    expect_open(window, midnight + hours(2), midnight + hours(6));
  }
}

// Whether a minute of the week, from Sunday 00:00 on, is in the window: minute by minute.
std::vector<bool> minutes_of(const MaintenanceWindow& window) {
  constexpr int64_t kWeek = int64_t{7} * 24 * 60;
  std::vector<bool> open(kWeek, false);
  for (unsigned day = 0; day < 7; ++day) {
    if ((window.weekdays >> day & 1U) == 0) continue;
    const int64_t start = int64_t{day} * 24 * 60 + window.from / minutes(1);
    for (int64_t minute = 0; minute < window.lasts / minutes(1); ++minute)
      open[static_cast<size_t>((start + minute) % kWeek)] = true;
  }
  return open;
}

TEST(Maintenance, AgreesWithEveryMinuteOfTheWeekAndChangesExactlyWhenItSays) {
  std::mt19937 random(1);
  const auto pick = [&random](unsigned low, unsigned high) {
    return low + static_cast<unsigned>(random() % (high - low + 1));
  };
  int always_open = 0;
  for (int round = 0; round < 25; ++round) {
    const unsigned longest = pick(0, 1) == 0 ? 26 * 60 : 7 * 24 * 60;
    const MaintenanceWindow window =
        weekly(pick(1, kEveryDay), minutes(pick(0, 24 * 60 - 1)), minutes(pick(1, longest)));
    const std::vector<bool> open = minutes_of(window);
    // Backwards, so that the next change is known.
    TimePoint change = kNever;
    bool later = open[0];
    const int64_t week = static_cast<int64_t>(open.size());
    for (int64_t minute = 2 * week - 1; minute >= 0; --minute) {
      const bool now_open = open[static_cast<size_t>(minute % week)];
      const TimePoint start = kSundayMidnight + minutes(minute);
      if (now_open != later) change = start + minutes(1);
      later = now_open;
      // The second week only prepares.
      if (minute >= week) continue;
      for (const TimePoint now : {start, start + minutes(1) - kMicrosecond}) {
        const WindowState state = state_at(window, now);
        ASSERT_EQ(state.is_open, now_open) << round << " " << to_iso8601(now);
        ASSERT_EQ(state.changes_at, change) << round << " " << to_iso8601(now);
      }
    }
    if (change == kNever) ++always_open;
  }
  EXPECT_GT(always_open, 2);
  EXPECT_LT(always_open, 20);
}

}  // namespace
}  // namespace muster::policy
