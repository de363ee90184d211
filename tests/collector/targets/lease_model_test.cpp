// What leases promise, in a world that goes wrong in every way it can: at no time do two agents
// look at one target, and whatever goes wrong, somebody looks again as soon as documented
// (docs/targets.md). Each number is a world of its own.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "common/targets/look_grid.h"
#include "tests/collector/targets/lease_chaos.h"

namespace muster::collector::test {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

// Run until everybody has what falls to him.
void settle(World& world) {
  world.run_until(world.now() + 4 * world.options.lease);
}

TEST(LeaseModel, WithoutFaultsNothingIsMovedAndNothingMissed) {
  for (uint64_t seed = 0; seed < 30; ++seed) {
    World world({.seed = seed});
    settle(world);
    const Moment settled = world.now();
    const uint64_t moves = world.leases().counts().moves;
    world.run_until(settled + hours(1));
    EXPECT_EQ(world.uncovered(settled, world.now(), {}), "") << seed;
    EXPECT_EQ(world.overlap(), "") << seed;
    EXPECT_EQ(world.leases().counts().moves, moves) << seed;
    EXPECT_EQ(world.leases().counts().held, world.targets.size()) << seed;
  }
}

TEST(LeaseModel, EverythingIsHeldSoonAfterTheFirstStart) {
  for (uint64_t seed = 0; seed < 100; ++seed) {
    World world({.seed = seed});
    world.run_until(minutes(5));
    // On its way from one to the other nobody looks for the margin.
    EXPECT_EQ(world.uncovered(minutes(2), world.now(), seconds(2)), "") << seed;
    EXPECT_EQ(world.overlap(), "") << seed;
  }
}

TEST(LeaseModel, TheTargetsOfAnAgentThatIsLostAreTakenOverInTime) {
  for (uint64_t seed = 0; seed < 90; ++seed) {
    World world({.seed = seed});
    settle(world);
    world.run_until(world.now() + world.random_time(minutes(3)));
    const Moment lost = world.now();
    Agent& agent = *world.agents[world.random(world.agents.size())];
    switch (seed % 3) {
      case 0:
        world.stop_agent(agent);
        break;
      case 1:
        agent.paused_until = lost + hours(1);
        break;
      default:
        agent.cut_until = lost + hours(1);
    }
    world.run_until(lost + minutes(15));
    EXPECT_EQ(world.uncovered(lost, world.now(), take_over_time(world.options.lease)), "") << seed;
    EXPECT_EQ(world.overlap(), "") << seed;
  }
}

TEST(LeaseModel, ARestartOfTheCollectorIsNoticedByNobody) {
  for (uint64_t seed = 0; seed < 90; ++seed) {
    World world({.seed = seed});
    settle(world);
    const Moment settled = world.now();
    for (int restart = 0; restart < 5; ++restart) {
      world.run_until(world.now() + minutes(2) + world.random_time(minutes(5)));
      world.stop_collector();
      world.run_until(world.now() + world.random_time(minutes(1)));
      if (seed % 3 == 0) world.collector_clock.reboot();
      if (seed % 3 == 1) world.collector_clock.set_wall(hours(1) - world.random_time(hours(2)));
      world.start_collector();
      EXPECT_EQ(world.leases().counts().moves, 0u);
    }
    world.run_until(world.now() + minutes(10));
    EXPECT_EQ(world.uncovered(settled, world.now(), {}), "") << seed;
    EXPECT_EQ(world.overlap(), "") << seed;
    EXPECT_EQ(world.leases().counts().moves, 0u) << seed;
  }
}

TEST(LeaseModel, WhatADeadAgentHeldIsTakenOverAfterARestartOfTheCollectorToo) {
  for (uint64_t seed = 0; seed < 90; ++seed) {
    World world({.seed = seed});
    settle(world);
    const Moment lost = world.now();
    world.stop_agent(*world.agents[world.random(world.agents.size())]);
    world.run_until(world.now() + world.random_time(minutes(3)));
    world.stop_collector();
    world.run_until(world.now() + world.random_time(seconds(30)));
    if (seed % 2 == 0) world.collector_clock.reboot();
    world.start_collector();
    const Moment started = world.now();
    world.run_until(started + minutes(15));
    const Duration longest = world.options.lease + minutes(1);
    EXPECT_EQ(world.uncovered(lost, world.now(), started - lost + take_over_time(longest)), "")
        << seed;
    EXPECT_EQ(world.overlap(), "") << seed;
  }
}

// Of each target, its looks that no agent could have made whole.
size_t missed_looks(World& world, Moment from, Moment to) {
  size_t missed = 0;
  const auto& holds = world.holds();
  for (const auto& [name, target] : world.targets) {
    const LookGrid grid(name, target.interval);
    // The collector's clock is the world's here.
    const TimePoint start = world.collector_clock.now() - world.now();
    for (int64_t look = grid.first_from(start + from); grid.begin(look) < start + to; ++look) {
      const Moment begins = grid.begin(look) - start;
      bool made = false;
      for (const Hold& hold : holds.at(name))
        made = made || (hold.from <= begins && hold.to >= begins + target.timeout);
      if (!made) ++missed;
    }
  }
  return missed;
}

TEST(LeaseModel, NoLookFallsIntoAMoveThatNoFaultMakes) {
  size_t moves = 0;
  for (uint64_t seed = 0; seed < 60; ++seed) {
    World world({.seed = seed, .agents = 5, .targets = 20, .drift = 0});
    world.lookers.erase("agent4");
    world.set_lookers();
    settle(world);
    const Moment settled = world.now();
    world.lookers["agent4"] = {.host_id = "agent4", .host = "agent4"};
    world.set_lookers();
    settle(world);
    world.lookers["agent1"].weight = 3;
    world.set_lookers();
    settle(world);
    EXPECT_EQ(missed_looks(world, settled, world.now() - minutes(1)), 0u) << seed;
    EXPECT_EQ(world.overlap(), "") << seed;
    moves += world.leases().counts().moves;
  }
  EXPECT_GT(moves, 300u);
}

TEST(LeaseModel, TheMarginIsForClocksThatDiffer) {
  for (const Duration lease : {Duration(minutes(3)), Duration(hours(1)), Duration(hours(24))}) {
    for (uint64_t seed = 0; seed < 6; ++seed) {
      World world({.seed = seed,
                   .agents = 2,
                   .lease = lease,
                   .drifts = {-200, 200},
                   .longest_delay = Duration(1)});
      settle(world);
      // What the slow one held goes to the fast one, which the slow one cannot hear of.
      world.agents.front()->cut_until = world.now() + 10 * lease;
      world.lookers.erase("agent0");
      world.set_lookers();
      settle(world);
      EXPECT_EQ(world.overlap(), "") << seed;
      EXPECT_EQ(world.uncovered(world.now() - lease, world.now(), {}), "") << seed;
    }
  }
}

// With more of them: lease_model_long_test.
TEST(LeaseModel, NeverDoTwoLookAtOneTargetAndNoneIsForgotten) {
  for (uint64_t seed = 0; seed < 150; ++seed)
    ASSERT_EQ(live_through(seed, minutes(3)), "") << seed;
}

TEST(LeaseModel, NorWithLeasesOfADay) {
  for (uint64_t seed = 0; seed < 30; ++seed)
    ASSERT_EQ(live_through(seed, hours(24)), "") << seed;
}

}  // namespace
}  // namespace muster::collector::test
