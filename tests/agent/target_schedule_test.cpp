#include "agent/targets/target_schedule.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <random>

#include "common/targets/look_grid.h"

namespace muster::agent {
namespace {

using namespace std::chrono_literals;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr LookAllowance::Rates kPlenty{
    .per_second = 100'000, .per_host_per_second = 100'000, .window = 1s};

HeldTarget target(const std::string& entity, Duration interval = 60s) {
  return {.entity = entity,
          .probe = "tcp",
          .address = "192.0.2.7:443",
          .interval = interval,
          .timeout = 1s};
}

// Its clock shows the grid's own time: begin(n) is at n intervals and the target's phase.
class TargetScheduleTest : public ::testing::Test {
 protected:
  TargetScheduleTest() { clock_.set(TimePoint(), Duration(0)); }

  void hold(const std::vector<HeldTarget>& targets) {
    TargetSchedule::Targets held;
    for (const HeldTarget& one : targets)
      held[one.entity] = one;
    schedule_.set(std::move(held));
  }
  // Of "shop", an interval of a minute: its point of that number.
  static Duration point(int64_t number) {
    return LookGrid("shop", 60s).begin(number).time_since_epoch();
  }
  // The numbers of the looks that are planned.
  std::vector<int64_t> plan(Duration now, Duration window = 10s, size_t most = 1'000'000) {
    planned_ = schedule_.plan("tcp", clock_, now, now + window, most, allowance_);
    std::vector<int64_t> numbers;
    for (const PlannedLook& look : planned_)
      numbers.push_back(look.number);
    return numbers;
  }

  GridClock clock_;
  TargetSchedule schedule_;
  LookAllowance allowance_{kPlenty};
  std::vector<PlannedLook> planned_;
};

TEST_F(TargetScheduleTest, ALookIsPlannedOnceInTheWindowItsPointLiesIn) {
  hold({target("shop")});
  EXPECT_THAT(plan(point(100) - 30s), IsEmpty());
  EXPECT_THAT(plan(point(100) - 10s), IsEmpty()) << "it is at the window's end, not in it";
  EXPECT_THAT(plan(point(100) - 9s), ElementsAre(100));
  EXPECT_EQ(planned_[0].entity, "shop");
  EXPECT_EQ(planned_[0].address, "192.0.2.7:443");
  EXPECT_EQ(planned_[0].timeout, 1s);
  EXPECT_EQ(planned_[0].begin, point(100));
  EXPECT_EQ(planned_[0].end, kNever);
  EXPECT_THAT(plan(point(100) - 1s), IsEmpty());
  EXPECT_THAT(plan(point(100) + 1s), IsEmpty());
  EXPECT_THAT(plan(point(101) - 5s), ElementsAre(101));
  EXPECT_EQ(schedule_.counts().looks, 2U);
  EXPECT_EQ(schedule_.counts().late, 0U);
  EXPECT_EQ(schedule_.counts().missed, 0U);
}

TEST_F(TargetScheduleTest, ATargetOfShortIntervalHasManyLooksInAWindow) {
  hold({target("shop", 1s)});
  EXPECT_EQ(plan(1000s).size(), 10U);
  EXPECT_EQ(plan(1005s).size(), 5U);
}

TEST_F(TargetScheduleTest, WhatWillNotBeMadeIsPlannedAgainAndWhatHasBegunIsNot) {
  hold({target("shop"), target("often", 2s)});
  plan(point(100) - 1s, 180s);
  EXPECT_EQ(planned_.size(), 3U + 90U);
  schedule_.forget_plans(point(101) - 1s);
  plan(point(101) - 1s, 120s);
  EXPECT_EQ(planned_.size(), 2U + 60U) << "those that lie ahead";
  EXPECT_TRUE(std::all_of(planned_.begin(), planned_.end(),
                          [](const PlannedLook& look) { return look.begin >= point(101) - 1s; }));
  EXPECT_EQ(schedule_.counts().late, 0U);
  EXPECT_EQ(schedule_.counts().missed, 0U);
}

TEST_F(TargetScheduleTest, ALookThatWasGivenUpIsMadeAgainWithThoseAfterIt) {
  hold({target("shop"), target("other")});
  EXPECT_THAT(plan(point(100) - 1s, 62s), Contains(100));
  schedule_.forget_look("shop", point(100));
  schedule_.forget_look("nobody", point(100));
  hold({target("shop")});
  EXPECT_THAT(plan(point(100) + 5s, 62s), ElementsAre(100, 101)) << "it had begun";
  EXPECT_EQ(schedule_.counts().late, 1U);
  EXPECT_EQ(schedule_.counts().missed, 0U);
  // Of that one, which is late, too.
  schedule_.forget_look("shop", point(100));
  EXPECT_THAT(plan(point(100) + 6s, 10s), ElementsAre(100));
  schedule_.forget_look("shop", point(100));
  EXPECT_THAT(plan(point(100) + 31s, 60s), ElementsAre(101)) << "the next is nearer";
  EXPECT_EQ(schedule_.counts().missed, 1U);
}

TEST_F(TargetScheduleTest, LooksComeInTheOrderOfTheirPoints) {
  std::vector<HeldTarget> many;
  for (int i = 0; i < 100; ++i)
    many.push_back(target(fmt::format("t{}", i)));
  hold(many);
  EXPECT_EQ(plan(1000s, 60s).size(), 100U);
  EXPECT_TRUE(std::is_sorted(planned_.begin(), planned_.end(),
                             [](const auto& a, const auto& b) { return a.begin < b.begin; }));
}

TEST_F(TargetScheduleTest, ANewTargetBeginsAtItsNextPointAndNotBeforeItsLease) {
  HeldTarget moving = target("shop");
  moving.not_before = point(102) + 1us;
  hold({moving});
  EXPECT_THAT(plan(point(100) + 1us, 180s), ElementsAre(103));
}

TEST_F(TargetScheduleTest, NothingBeginsAtOrAfterTheLeasesEnd) {
  hold({target("shop")});
  schedule_.set_end(point(101));
  EXPECT_THAT(plan(point(100) - 1s, 180s), ElementsAre(100));
  EXPECT_EQ(planned_[0].end, point(101));
  // An answer moves it: what had to wait can be planned.
  schedule_.set_end(point(102) + 2s);
  EXPECT_THAT(plan(point(100) + 30s, 180s), ElementsAre(101, 102));
  EXPECT_EQ(schedule_.counts().missed, 0U);
}

TEST_F(TargetScheduleTest, ALookThatTheLeaseHasHardlyTimeForWaitsForALaterEnd) {
  hold({target("shop")});
  schedule_.set_end(point(101) + 999ms);
  EXPECT_THAT(plan(point(100) - 1s, 180s), ElementsAre(100));
  // The end has moved while the look waited: it is made, and late.
  schedule_.set_end(point(200));
  EXPECT_THAT(plan(point(101) + 1ms, 5s), ElementsAre(101));
  EXPECT_EQ(schedule_.counts().late, 1U);
}

TEST_F(TargetScheduleTest, ATargetOnItsWayElsewhereEndsBeforeTheOthers) {
  HeldTarget leaving = target("shop");
  leaving.valid_until = point(101);
  hold({leaving, target("other")});
  schedule_.set_end(point(200));
  EXPECT_THAT(plan(point(100) - 1us, 180s), ::testing::Contains(100));
  size_t of_shop = 0;
  for (const PlannedLook& look : planned_)
    of_shop += look.entity == "shop" ? 1 : 0;
  EXPECT_EQ(of_shop, 1U);
}

TEST_F(TargetScheduleTest, AfterALeaseThatEndedItBeginsAtTheNextPointAndNothingWasMissed) {
  hold({target("shop")});
  schedule_.set_end(point(101));
  EXPECT_THAT(plan(point(100) - 1s), ElementsAre(100));
  EXPECT_THAT(plan(point(101) + 1s), IsEmpty());
  schedule_.set_end(point(200));
  EXPECT_THAT(plan(point(103) + 5s, 60s), ElementsAre(104)) << "103 was before the answer";
  EXPECT_EQ(schedule_.counts().missed, 0U);
}

TEST_F(TargetScheduleTest, ALookIsMadeLateUpToHalfAnIntervalAndMissedBeyond) {
  hold({target("shop")});
  plan(point(100) - 1s);
  EXPECT_THAT(plan(point(101) + 29s), ElementsAre(101));
  EXPECT_EQ(schedule_.counts().late, 1U);
  EXPECT_THAT(plan(point(102) - 1s), ElementsAre(102));
  // Stopped for an hour.
  EXPECT_THAT(plan(point(162) + 31s, 30s), ElementsAre(163));
  EXPECT_EQ(schedule_.counts().late, 1U);
  EXPECT_EQ(schedule_.counts().missed, 60U);
}

TEST_F(TargetScheduleTest, WhatThereIsNoRoomForWaits) {
  hold({target("shop")});
  EXPECT_THAT(plan(point(100) - 1s, 10s, 0), IsEmpty());
  allowance_ = LookAllowance({.per_second = 1, .per_host_per_second = 1, .window = 1s});
  ASSERT_TRUE(allowance_.take("192.0.2.8", point(100) - 2s));
  EXPECT_THAT(plan(point(100) - 1s), IsEmpty());
  EXPECT_THAT(plan(point(100)), ElementsAre(100));
}

TEST_F(TargetScheduleTest, RoomIsGivenByAddressWhateverThePort) {
  std::vector<HeldTarget> many;
  for (int i = 0; i < 10; ++i) {
    many.push_back(target(fmt::format("a{}", i)));
    many.back().address = fmt::format("[2001:db8::1]:{}", i + 1);
    many.push_back(target(fmt::format("b{}", i)));
    many.back().address = fmt::format("192.0.2.7:{}", i + 1);
  }
  hold(many);
  allowance_ = LookAllowance({.per_second = 1000, .per_host_per_second = 3, .window = 1050ms});
  EXPECT_EQ(plan(1000s, 60s).size(), 6U);
  EXPECT_THAT(plan(1000s, 60s), IsEmpty()) << "however often it is planned";
  EXPECT_EQ(plan(1002s, 58s).size(), 6U);
  allowance_ = LookAllowance({.per_second = 5, .per_host_per_second = 1000, .window = 1050ms});
  EXPECT_EQ(plan(1004s, 56s).size(), 5U);
  allowance_ = LookAllowance(kPlenty);
  EXPECT_EQ(plan(1004s, 56s).size(), 3U) << "the rest, and nothing twice";
}

TEST_F(TargetScheduleTest, AnotherProbesTargetsAreItsOwn) {
  hold({target("shop")});
  EXPECT_TRUE(schedule_.plan("tls", clock_, point(100) - 1s, point(101), 100, allowance_).empty());
}

TEST_F(TargetScheduleTest, NothingIsPlannedBeforeTheClockIsKnown) {
  hold({target("shop")});
  EXPECT_TRUE(schedule_.plan("tcp", GridClock(), 1000s, 1060s, 100, allowance_).empty());
}

TEST_F(TargetScheduleTest, AClockThatJumpsAheadLetsNoLookFollowTheLastTooSoon) {
  hold({target("shop")});
  plan(point(100) - 1s);
  // By nearly an interval: 101 would be a second after 100.
  clock_.set(TimePoint(point(101) - 1s), point(100));
  EXPECT_THAT(plan(point(100), 62s), ElementsAre(102));
  EXPECT_EQ(planned_[0].begin, point(100) + 61s);
  EXPECT_EQ(schedule_.counts().missed, 0U) << "a minute passed, and a look was made";
}

TEST_F(TargetScheduleTest, AClockThatIsSetBackALittleRepeatsNoPoint) {
  hold({target("shop")});
  plan(point(100) - 1s);
  clock_.set(TimePoint(point(100) - 40s), point(100));
  EXPECT_THAT(plan(point(100) + 35s), IsEmpty()) << "100 comes again";
  EXPECT_THAT(plan(point(100) + 95s), ElementsAre(101));
}

TEST_F(TargetScheduleTest, AClockThatIsSetBackByHoursDoesNotMakeTargetsWaitForHours) {
  hold({target("shop")});
  plan(point(1000) - 1s);
  clock_.set(TimePoint(point(100)), point(1000));
  EXPECT_THAT(plan(point(1000) + 1s, 65s), ElementsAre(101)) << "a minute after the last";
}

TEST_F(TargetScheduleTest, AnotherIntervalGoesOnAtItsOwnNextPoint) {
  hold({target("shop")});
  plan(point(100) - 1s);
  hold({target("shop", 3600s)});
  EXPECT_GE(plan(point(100) + 1s, 7200s).size(), 1U);
  EXPECT_GE(planned_[0].begin, point(100) + 1800s);
  hold({target("shop", 1s)});
  const Duration last = planned_.back().begin;
  EXPECT_GE(plan(last + 2s, 5s).size(), 4U);
}

TEST_F(TargetScheduleTest, ATargetThatGoesAndComesBackAtOnceIsNotLookedAtTwice) {
  hold({target("shop")});
  EXPECT_THAT(plan(point(100) - 9s), ElementsAre(100));
  hold({});
  EXPECT_THAT(plan(point(100) - 8s), IsEmpty());
  hold({target("shop")});
  EXPECT_THAT(plan(point(100) - 7s), IsEmpty()) << "that look is with the probe";
}

HeldTarget new_domain(const std::string& entity) {
  HeldTarget domain = target(entity, 24h);
  domain.look_soon = true;
  return domain;
}

TEST_F(TargetScheduleTest, WhatNobodyLookedAtIsLookedAtSoonAndThenByItsGrid) {
  const Duration start = point(1000);
  hold({new_domain("a.example"), new_domain("b.example"), new_domain("c.example")});
  std::map<std::string, std::vector<Duration>> looks;
  for (Duration now = start; now < start + 72h; now += 10s) {
    plan(now);
    for (const PlannedLook& look : planned_)
      looks[look.entity].push_back(look.begin);
  }
  ASSERT_EQ(looks.size(), 3U);
  for (const auto& [entity, begins] : looks) {
    EXPECT_LT(begins[0], start + 10min + 10s) << entity;
    ASSERT_GE(begins.size(), 3U) << entity;
    // The next point, but not within half a day.
    EXPECT_GE(begins[1] - begins[0], 12h) << entity;
    EXPECT_LE(begins[1] - begins[0], 36h) << entity;
    EXPECT_EQ(begins[2] - begins[1], 24h) << entity;
  }
  EXPECT_NE(looks["a.example"][0], looks["b.example"][0]) << "they are spread";
}

TEST_F(TargetScheduleTest, OfWhatWasLookedAtBeforeNothingIsLookedAtSoon) {
  const Duration start = point(1000);
  hold({target("a.example", 24h)});
  const Duration next = LookGrid("a.example", 24h)
                            .begin(LookGrid("a.example", 24h).first_from(TimePoint() + start))
                            .time_since_epoch();
  EXPECT_THAT(plan(start, next - start), IsEmpty());
  EXPECT_THAT(plan(next - 1s, 2s),
              ElementsAre(LookGrid("a.example", 24h).first_from(TimePoint() + start)));
}

// As the collector has it: not before so long after the last look, whoever made it.
TEST_F(TargetScheduleTest, OfADomainThereIsAtMostOneLookInADayWhateverAgentsDo) {
  constexpr Duration kSpacing = 24h - 90min;
  for (unsigned seed = 0; seed < 40; ++seed) {
    std::minstd_rand random(seed);
    const std::string entity = fmt::format("{}.example", seed);
    std::vector<Duration> looks;
    auto agent = std::make_unique<TargetSchedule>();
    LookAllowance allowance{kPlenty};
    const Duration start = point(1000);
    for (Duration now = start; now < start + 24h * 10; now += 60s) {
      // Restarted, or another one's now.
      if (random() % 400 == 0) agent = std::make_unique<TargetSchedule>();
      HeldTarget domain = target(entity, 24h);
      domain.look_soon = looks.empty();
      if (!looks.empty()) domain.not_before = looks.back() + kSpacing;
      agent->set({{entity, domain}});
      for (const PlannedLook& look : agent->plan("tcp", clock_, now, now + 60s, 100, allowance))
        looks.push_back(look.begin);
    }
    ASSERT_GE(looks.size(), 5U) << entity;
    EXPECT_LT(looks[0], start + 24h) << entity;
    for (size_t i = 1; i < looks.size(); ++i) {
      EXPECT_GE(looks[i] - looks[i - 1], kSpacing) << entity;
      EXPECT_LE(looks[i] - looks[i - 1], 48h) << entity;
    }
  }
}

}  // namespace
}  // namespace muster::agent
