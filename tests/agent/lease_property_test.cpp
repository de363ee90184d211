// Random answers, losses, delays, pauses, and targets that go to other agents and come back: what
// must hold whatever happens. Assignments and schedule as the agent has them, in front of a
// collector that keeps the rules of leases.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <random>
#include <set>

#include "agent/targets/assignments.h"
#include "agent/targets/target_schedule.h"
#include "common/digest.h"
#include "common/timestamp.h"

namespace muster::agent {
namespace {

using namespace std::chrono_literals;

constexpr int kTargets = 20;
// The collector's clock when the machine started.
constexpr TimePoint kZero = TimePoint(1'800'000'000s);

// A target as the collector has it, in the collector's time.
struct Target {
  std::string name;
  Duration interval{0};
  enum class State { kOurs, kLeaving, kElsewhere } state = State::kOurs;
  TimePoint not_before = {};
  TimePoint valid_until = {};
  // When another agent may look at it.
  std::vector<std::pair<TimePoint, TimePoint>> elsewhere;
};

class Story {
 public:
  explicit Story(uint64_t seed, Duration lease)
      : random_(seed),
        lease_(lease),
        assignments_({.allowed = {{.networks = {*parse_network("192.0.2.0/24")},
                                   .names = {},
                                   .ports = {443}}},
                      .probes = {"tcp"}}) {
    constexpr Duration kIntervals[] = {1s, 5s, 60s, 600s};
    for (int i = 0; i < kTargets; ++i) {
      targets_.push_back(
          {.name = fmt::format("t{}", i), .interval = kIntervals[random_() % 4], .elsewhere = {}});
    }
  }

  Duration up_to(Duration most) {
    return Duration(static_cast<int64_t>(random_() % static_cast<uint64_t>(most.count())));
  }
  bool one_in(uint64_t n) { return random_() % n == 0; }
  void pass(Duration time) { now_ += time; }

  // A report: each way takes its time, and some answers never come.
  void sync() {
    const Duration sent = now_;
    pass(one_in(10) ? up_to(30s) : up_to(200ms));
    const v1::SyncResponse response = answer();
    pass(one_in(10) ? up_to(30s) : up_to(200ms));
    if (one_in(5)) return;
    ASSERT_TRUE(assignments_.take(response, {.sent = sent, .came = now_}));
    clock_.take(*AnswerClock::of(response.server_time(), {.sent = sent, .came = now_}));
    schedule_.set(assignments_.held());
    schedule_.set_end(assignments_.end());
    plan();
  }

  void plan() {
    LookAllowance plenty({.per_second = 10'000, .per_host_per_second = 10'000, .window = 100s});
    for (const PlannedLook& look :
         schedule_.plan("tcp", clock_, now_, now_ + 11s, 1'000'000, plenty)) {
      EXPECT_LT(std::max(look.begin, now_), look.end);
      check(look);
      numbers_[look.entity].push_back(look.number);
    }
  }

  // The collector gives a target to another agent, or gets it back.
  void move_one() {
    Target& target = targets_[random_() % targets_.size()];
    switch (target.state) {
      case Target::State::kOurs:
        target.state = Target::State::kLeaving;
        target.valid_until = std::max(granted_, server_now());
        target.elsewhere.emplace_back(target.valid_until, TimePoint::max());
        break;
      case Target::State::kLeaving:
        if (server_now() > target.valid_until) target.state = Target::State::kElsewhere;
        break;
      case Target::State::kElsewhere:
        target.state = Target::State::kOurs;
        target.not_before = server_now() + up_to(60s);
        target.elsewhere.back().second = target.not_before;
        break;
    }
  }

  // What came before has no part in what follows, once a clock that the first answers left unsure
  // has settled.
  void begin_to_count() {
    for (int i = 0; i < 200; ++i) {
      pass(1s);
      plan();
    }
    for (auto& [entity, numbers] : numbers_)
      numbers.erase(numbers.begin(), numbers.end() - 1);
    missed_before_ = schedule_.counts().missed;
  }
  // Points that were skipped; each is counted.
  uint64_t skipped() {
    uint64_t skipped = 0;
    for (const auto& [entity, numbers] : numbers_) {
      for (size_t i = 1; i < numbers.size(); ++i)
        skipped += static_cast<uint64_t>(numbers[i] - numbers[i - 1] - 1);
    }
    EXPECT_EQ(skipped, schedule_.counts().missed - missed_before_);
    return skipped;
  }
  void expect_each_point_of(Duration from, Duration to) {
    for (const Target& target : targets_) {
      const int64_t points = (to - from) / target.interval;
      EXPECT_GE(static_cast<int64_t>(numbers_[target.name].size()), points) << target.name;
    }
  }
  Duration now() const { return now_; }
  size_t looks() const { return schedule_.counts().looks; }

 private:
  TimePoint server_now() const { return kZero + now_; }

  v1::SyncResponse answer() {
    v1::AssignmentList list;
    for (const Target& target : targets_) {
      if (target.state == Target::State::kElsewhere) continue;
      v1::Assignment& assignment = *list.add_assignments();
      assignment.set_target(target.name);
      assignment.set_probe("tcp");
      assignment.set_address("192.0.2.7:443");
      assignment.set_interval_milliseconds(static_cast<uint32_t>(target.interval / 1ms));
      assignment.set_timeout_milliseconds(500);
      *assignment.mutable_not_before() = to_proto(target.not_before);
      if (target.state == Target::State::kLeaving) {
        *assignment.mutable_valid_until() = to_proto(target.valid_until);
      }
    }
    granted_ = std::max(granted_, server_now() + lease_);
    v1::SyncResponse response;
    response.set_assignment_list(list.SerializeAsString());
    response.set_assignments_sha256(sha256(response.assignment_list()));
    *response.mutable_server_time() = to_proto(server_now());
    *response.mutable_assignments_valid_until() = to_proto(granted_);
    return response;
  }

  void check(const PlannedLook& look) {
    EXPECT_TRUE(seen_.insert({look.entity, look.number}).second)
        << look.entity << " is looked at twice at " << look.number;
    const TimePoint begin = kZero + std::max(look.begin, now_);
    EXPECT_LE(kZero + look.end, granted_) << "nobody granted so much";
    for (const Target& target : targets_) {
      if (target.name != look.entity) continue;
      for (const auto& [from, to] : target.elsewhere) {
        EXPECT_FALSE(begin >= from && begin < to) << target.name << " is another agent's";
        // What is under way is given up at the end that it was given.
        EXPECT_FALSE(begin < from && kZero + look.end > from);
      }
    }
  }

  std::mt19937_64 random_;
  const Duration lease_;
  Duration now_ = 1000s;
  std::vector<Target> targets_;
  // The latest end that was granted.
  TimePoint granted_;
  Assignments assignments_;
  GridClock clock_;
  TargetSchedule schedule_;
  uint64_t missed_before_ = 0;
  std::set<std::pair<std::string, int64_t>> seen_;
  std::map<std::string, std::vector<int64_t>> numbers_;
};

TEST(LeaseProperty, NoLookIsOutsideALeaseAndNoPointIsLookedAtTwice) {
  size_t looks = 0;
  for (uint64_t seed = 0; seed < 30; ++seed) {
    SCOPED_TRACE(fmt::format("seed {}", seed));
    Story story(seed, 90s);
    while (story.now() < 2 * 3600s) {
      story.pass(story.up_to(10s));
      // A pause beyond the lease, at times.
      if (story.one_in(30)) story.pass(story.up_to(300s));
      story.plan();
      if (story.one_in(5)) story.sync();
      if (story.one_in(10)) story.move_one();
    }
    looks += story.looks();
    if (::testing::Test::HasFailure()) return;
  }
  EXPECT_GT(looks, 10'000U);
}

TEST(LeaseProperty, WhileALeaseLastsNoPointIsSkipped) {
  for (uint64_t seed = 0; seed < 8; ++seed) {
    SCOPED_TRACE(fmt::format("seed {}", seed));
    Story story(seed, 24h);
    for (int i = 0; i < 50; ++i)
      story.sync();
    story.begin_to_count();
    const Duration from = story.now();
    while (story.now() < from + 3600s) {
      story.pass(story.up_to(10s));
      story.plan();
    }
    EXPECT_EQ(story.skipped(), 0U);
    story.expect_each_point_of(from, from + 3600s);
    if (::testing::Test::HasFailure()) return;
  }
}

TEST(LeaseProperty, WhatAPauseMakesItMissIsCounted) {
  for (uint64_t seed = 0; seed < 8; ++seed) {
    SCOPED_TRACE(fmt::format("seed {}", seed));
    Story story(seed, 24h);
    for (int i = 0; i < 20; ++i)
      story.sync();
    story.begin_to_count();
    while (story.now() < 3 * 3600s) {
      story.pass(story.up_to(story.one_in(20) ? 1000s : 10s));
      story.plan();
    }
    EXPECT_GT(story.skipped(), 0U);
    if (::testing::Test::HasFailure()) return;
  }
}

}  // namespace
}  // namespace muster::agent
