#include "agent/targets/lease_clock.h"

#include <gtest/gtest.h>

#include <limits>

#include "common/timestamp.h"

namespace muster::agent {
namespace {

using namespace std::chrono_literals;

constexpr TimePoint kNoon = TimePoint(1'800'000'000s);

AnswerClock answer(TimePoint server_time, Duration sent, Duration came) {
  return *AnswerClock::of(to_proto(server_time), {.sent = sent, .came = came});
}

TEST(AnswerClock, TakesEachEndOfALeaseAtItsSafeSide) {
  const AnswerClock clock = answer(kNoon, 100s, 104s);
  // Whenever in these four seconds the collector answered.
  for (const Duration answered : {100s, 102s, 104s}) {
    const Duration true_end = answered + 60s;
    EXPECT_LE(clock.earliest(kNoon + 60s), true_end);
    EXPECT_GE(clock.latest(kNoon + 60s), true_end);
  }
  EXPECT_EQ(clock.earliest(kNoon + 60s), 160s);
}

TEST(AnswerClock, NeedsATimeThatAClockShows) {
  google::protobuf::Timestamp time;
  EXPECT_FALSE(AnswerClock::of(time, {.sent = 1s, .came = 2s})) << "absent";
  for (const int64_t seconds :
       {int64_t{-1}, int64_t{253'402'300'800}, std::numeric_limits<int64_t>::max(),
        std::numeric_limits<int64_t>::lowest()}) {
    time.set_seconds(seconds);
    EXPECT_FALSE(AnswerClock::of(time, {.sent = 1s, .came = 2s})) << seconds;
  }
  time.set_seconds(253'402'300'799);
  EXPECT_TRUE(AnswerClock::of(time, {.sent = 1s, .came = 2s}));
  EXPECT_FALSE(AnswerClock::of(time, {.sent = 2s, .came = 1s})) << "it came before it was sent";
}

TEST(GridClock, IsNotShiftedByASlowAnswer) {
  GridClock clock;
  EXPECT_FALSE(clock.is_set());
  clock.take(answer(kNoon, 100s, 100s));
  EXPECT_EQ(clock.at(100s), kNoon);
  clock.take(answer(kNoon + 60s, 159s, 185s));
  EXPECT_EQ(clock.at(160s), kNoon + 60s);
  EXPECT_EQ(clock.uptime_at(kNoon + 60s), 160s);
}

TEST(GridClock, FollowsTheCollectorsByNoMoreThanItMust) {
  GridClock clock;
  clock.take(answer(kNoon, 100s, 100s));
  // An hour later the other clock is between two and three seconds ahead.
  clock.take(answer(kNoon + 3603s, 3700s, 3701s));
  EXPECT_EQ(clock.at(3700s), kNoon + 3602s);
  // And it was set back by an hour.
  clock.take(answer(kNoon + 60s, 3760s, 3760s));
  EXPECT_EQ(clock.at(3760s), kNoon + 60s);
}

TEST(GridClock, BeginsInTheMiddleOfWhatCanBe) {
  GridClock clock;
  clock.take(answer(kNoon, 100s, 104s));
  EXPECT_EQ(clock.at(102s), kNoon);
}

}  // namespace
}  // namespace muster::agent
