#include "tests/collector/targets/lease_chaos.h"

#include <fmt/format.h>

#include "collector/targets/lease_book.h"

namespace muster::collector::test {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

// What the network, the store and the collector's own second add.
constexpr Duration kSlack = seconds(3);

void list(World& world, const std::string& target) {
  world.targets[target] = a_target(target, world.random(250));
  world.set_targets();
}

void set_looker(World& world, const Agent& agent) {
  world.lookers[agent.id] = {.host_id = agent.id,
                             .host = agent.id,
                             .weight = static_cast<double>(1 + world.random(4)),
                             .site = world.random(3) == 0 ? "fra" : ""};
  world.set_lookers();
}

// Everything that can go wrong, one after the other and at once.
void do_something(World& world) {
  Agent& agent = *world.agents[world.random(world.agents.size())];
  const Duration lease = world.options.lease;
  const Duration some_time = world.random_time(lease * 2);
  const std::string target = fmt::format("t{}", world.random(world.options.targets));
  switch (world.random(16)) {
    case 0:
      agent.cut_until = world.now() + some_time;
      return;
    case 1:
      agent.paused_until = world.now() + some_time;
      return;
    case 2:
      return world.stop_agent(agent);
    case 3:
      world.stop_agent(agent);
      if (world.random(2) == 0) agent.clock.reboot();
      return world.start_agent(agent);
    case 4:
      return world.stop_collector();
    case 5:
      world.stop_collector();
      if (world.random(2) == 0) world.collector_clock.reboot();
      return world.start_collector();
    case 6:
      return world.collector_clock.set_wall(lease - world.random_time(lease * 2));
    case 7:
      return world.collector_clock.set_wall(std::chrono::milliseconds(99));
    case 8:
      world.store_works = !world.store_works;
      return;
    case 9:
    case 10:
      // Off the list, and back with another address while somebody else is to look.
      world.targets.erase(target);
      world.set_targets();
      if (world.random(2) == 0) set_looker(world, agent);
      world.at(world.now() + world.random_time(lease), [&world, target] { list(world, target); });
      return;
    case 11:
      return list(world, target);
    case 12:
      world.lookers.erase(agent.id);
      return world.set_lookers();
    case 13:
    case 14:
      return set_looker(world, agent);
    default:
      world.brake = static_cast<int>(1 + world.random(4));
      if (world.random(3) == 0) agent.refuses.insert(target);
  }
}

void go_on_as_usual(World& world) {
  world.options.lost = 0;
  world.options.slowest_commit = std::chrono::milliseconds(100);
  world.brake = 1;
  world.store_works = true;
  for (const auto& agent : world.agents) {
    agent->refuses.clear();
    agent->cut_until = agent->paused_until = world.now();
    world.lookers[agent->id] = {.host_id = agent->id, .host = agent->id};
    if (!agent->runs && agent != world.agents.front()) world.start_agent(*agent);
  }
  if (!world.has_collector()) world.start_collector();
  world.set_lookers();
}

}  // namespace

Duration take_over_time(Duration lease) {
  return lease + lease_margin(lease) + lease / 3 * 11 / 10 + kSlack;
}

std::string live_through(uint64_t seed, Duration lease) {
  World world({.seed = seed, .lease = lease, .lost = 10, .slowest_commit = lease / 6});
  const int count = 10 + static_cast<int>(world.random(30));
  for (int number = 0; number < count; ++number) {
    world.run_until(world.now() + world.random_time(lease));
    do_something(world);
  }
  go_on_as_usual(world);
  const Duration longest = 4 * lease + minutes(1);
  world.run_until(world.now() + 2 * take_over_time(longest));
  const Moment recovered = world.now();
  world.run_until(recovered + 2 * lease);
  if (std::string overlap = world.overlap(); !overlap.empty()) return overlap;
  return world.uncovered(recovered, world.now(), lease_margin(longest));
}

}  // namespace muster::collector::test
