#include "tests/collector/targets/lease_world.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <utility>

#include "common/digest.h"
#include "common/timestamp.h"

namespace muster::collector::test {

TimePoint MachineClock::now() const {
  const auto passed = static_cast<double>(truth_.count()) * (1 + drift_ / 1e6);
  return TimePoint(std::chrono::seconds(1'800'000'000)) + Duration(static_cast<int64_t>(passed)) +
         wall_offset_;
}

Target a_target(const std::string& name, uint64_t number) {
  Target target;
  target.name = name;
  target.kind = "tcp";
  if (number % 2 == 0) target.labels["site"] = "fra";
  target.address = fmt::format("192.0.2.{}:443", number);
  return target;
}

Duration MachineClock::to_uptime(Moment moment) const {
  const auto passed = static_cast<double>((moment - booted_).count());
  return Duration(static_cast<int64_t>(passed * (1 + drift_ / 1e6)));
}

Moment MachineClock::to_truth(Duration uptime) const {
  return booted_ +
         Duration(static_cast<int64_t>(static_cast<double>(uptime.count()) / (1 + drift_ / 1e6)));
}

void MachineClock::reboot() {
  booted_ = truth_;
  ++boot_;
}

void SlowStore::commit() {
  // A crash has forgotten it.
  if (waiting_.empty()) return;
  auto [write, done] = std::move(waiting_.front());
  waiting_.pop();
  FakeStore::put_leases(std::move(write), std::move(done));
}

World::World(const WorldOptions& with)
    : options(with),
      sync_interval(with.lease / 3),
      collector_clock(truth_, (static_cast<double>(with.seed % 3) - 1) * with.drift),
      engine_(with.seed) {
  for (size_t number = 0; number < options.targets; ++number) {
    Target target = a_target(fmt::format("t{}", number), number);
    targets.emplace(target.name, target);
  }
  for (size_t number = 0; number < options.agents; ++number) {
    const double drift = (static_cast<double>(random(2001)) - 1000) / 1000 * options.drift;
    auto agent =
        std::make_unique<Agent>(truth_, options.drifts.empty() ? drift : options.drifts.at(number));
    agent->id = fmt::format("agent{}", number);
    lookers[agent->id] = {.host_id = agent->id, .host = agent->id};
    agents.push_back(std::move(agent));
  }
  store.on_put = [this] {
    at(truth_ + random_time(options.slowest_commit), [this] {
      store.status = store_works ? absl::OkStatus() : absl::UnavailableError("the disk is full");
      store.commit();
    });
  };
  start_collector();
  for (const auto& agent : agents)
    start_agent(*agent);
  tick();
}

void World::at(Moment moment, std::function<void()> what) {
  events_.push({moment, ++events_made_, std::move(what)});
}

void World::run_until(Moment moment) {
  while (!events_.empty() && events_.top().moment <= moment) {
    const Event event = events_.top();
    events_.pop();
    truth_ = event.moment;
    event.what();
  }
  truth_ = moment;
}

uint64_t World::random(uint64_t limit) {
  return engine_() % limit;
}

void World::tick() {
  if (leases_) leases_->look();
  at(truth_ + std::max<Duration>(std::chrono::seconds(1), options.lease / 90), [this] { tick(); });
}

void World::stop_collector() {
  leases_.reset();
  store.forget();
}

void World::start_collector() {
  auto made = make_target_leases(
      collector_clock, store,
      {.lease = options.lease, .agents = "role=monitor", .boot_id = collector_clock.boot_id()});
  ASSERT_TRUE(made.ok());
  leases_ = *std::move(made);
  set_targets();
  set_lookers();
}

void World::set_targets() {
  if (leases_) leases_->set_targets(std::make_shared<const TargetTable>(targets));
}

void World::set_lookers() {
  if (!leases_) return;
  std::vector<Looker> all;
  for (const auto& [id, looker] : lookers)
    all.push_back(looker);
  leases_->set_lookers(std::move(all));
}

void World::stop_agent(Agent& agent) {
  close(agent);
  agent.permissions.clear();
  agent.digest.clear();
  agent.list_ends = {};
  agent.runs = false;
  ++agent.life;
  ++agent.request;
}

void World::start_agent(Agent& agent) {
  agent.runs = true;
  const uint64_t life = ++agent.life;
  at(truth_ + random_time(sync_interval), [this, &agent, life] { report(agent, life); });
}

Duration World::delay() {
  // Now and then a message is stuck for longer than anybody waits.
  if (options.lost > 0 && random(100) < 3) return random_time(sync_interval * 2);
  return random_time(options.longest_delay);
}

bool World::is_lost(const Agent& agent) {
  return truth_ < agent.cut_until || random(100) < static_cast<uint64_t>(options.lost);
}

void World::report(Agent& agent, uint64_t life) {
  if (agent.life != life) return;
  if (truth_ < agent.paused_until) {
    at(agent.paused_until, [this, &agent, life] { report(agent, life); });
    return;
  }
  const uint64_t number = ++agent.request;
  const Duration sent = agent.clock.uptime();
  v1::SyncRequest request;
  request.set_assignments_sha256(agent.digest);
  for (const auto& [target, permission] : agent.permissions) {
    if (agent.refuses.contains(target)) request.add_refused_targets(target);
  }
  // Unless an answer says another time.
  at(truth_ + sync_interval, [this, &agent, life, number] {
    if (agent.request == number) report(agent, life);
  });
  if (is_lost(agent)) return;
  at(truth_ + delay(), [this, &agent, request, number, sent] {
    if (!leases_) return;
    const Duration next = sync_interval * brake;
    v1::SyncResponse response;
    *response.mutable_server_time() = to_proto(collector_clock.now());
    response.set_next_sync_milliseconds(static_cast<uint32_t>(next.count() / 1000));
    leases_->answer(agent.id, request, next, response);
    if (is_lost(agent)) return;
    at(truth_ + delay(),
       [this, &agent, number, sent, response] { take_answer(agent, number, sent, response); });
  });
}

void World::take_answer(Agent& agent, uint64_t number, Duration sent, v1::SyncResponse response) {
  if (agent.request != number || !agent.runs) return;
  if (truth_ < agent.paused_until) {
    at(agent.paused_until, [this, &agent, number, sent, response = std::move(response)] {
      take_answer(agent, number, sent, response);
    });
    return;
  }
  const uint64_t life = agent.life;
  ++agent.request;
  at(truth_ + std::chrono::milliseconds(response.next_sync_milliseconds()) +
         random_time(sync_interval / 10),
     [this, &agent, life, request = agent.request] {
       if (agent.request == request) report(agent, life);
     });
  close(agent);
  const TimePoint server_time = from_proto(response.server_time());
  const auto until = [&](const auto& time) { return from_proto(time) - server_time; };
  if (response.assignments_sha256().empty()) {
    agent.permissions.clear();
    agent.digest.clear();
    return;
  }
  if (!response.assignment_list().empty()) {
    EXPECT_EQ(sha256(response.assignment_list()), response.assignments_sha256());
    agent.digest = response.assignments_sha256();
    agent.permissions.clear();
    v1::AssignmentList list;
    EXPECT_TRUE(list.ParseFromString(response.assignment_list()));
    for (const v1::Assignment& assignment : list.assignments()) {
      Agent::Permission permission{.from = agent.clock.uptime() + until(assignment.not_before()),
                                   .ends = std::nullopt,
                                   .since = truth_};
      if (assignment.has_valid_until()) permission.ends = sent + until(assignment.valid_until());
      EXPECT_TRUE(agent.permissions.emplace(assignment.target(), permission).second)
          << assignment.target() << " is twice in one list";
    }
  }
  if (response.assignments_sha256() != agent.digest) return;
  agent.list_ends = std::max(agent.list_ends, sent + until(response.assignments_valid_until()));
  for (auto& [target, permission] : agent.permissions)
    permission.since = truth_;
}

// Writes down what the agent could look at until now, and begins anew.
void World::close(Agent& agent) {
  for (auto& [target, permission] : agent.permissions) {
    Duration ends = agent.list_ends;
    if (permission.ends) ends = *permission.ends;
    const Moment from = std::max(permission.since, agent.clock.to_truth(permission.from));
    const Moment to = std::min(truth_, agent.clock.to_truth(ends));
    if (from < to) write_down(target, {from, to, static_cast<size_t>(agent.id.back() - '0')});
    permission.since = truth_;
  }
}

void World::write_down(const std::string& target, const Hold& hold) {
  std::vector<Hold>& holds = holds_[target];
  const auto same = std::find_if(holds.rbegin(), holds.rend(),
                                 [&hold](const Hold& last) { return last.agent == hold.agent; });
  if (same != holds.rend() && same->to == hold.from) {
    same->to = hold.to;
  } else {
    holds.push_back(hold);
  }
}

const std::map<std::string, std::vector<Hold>>& World::holds() {
  for (const auto& agent : agents)
    close(*agent);
  for (auto& [target, holds] : holds_) {
    std::sort(holds.begin(), holds.end(),
              [](const Hold& one, const Hold& other) { return one.from < other.from; });
  }
  return holds_;
}

std::string World::overlap() {
  for (const auto& [target, holds] : holds()) {
    // The latest end of each agent so far.
    std::map<size_t, Moment> ends;
    for (const Hold& hold : holds) {
      for (const auto& [agent, end] : ends) {
        if (agent != hold.agent && end > hold.from) {
          return fmt::format("{}: agent{} begins at {} s, agent{} ends at {} s", target, hold.agent,
                             static_cast<double>(hold.from.count()) / 1e6, agent,
                             static_cast<double>(end.count()) / 1e6);
        }
      }
      Moment& end = ends[hold.agent];
      end = std::max(end, hold.to);
    }
  }
  return "";
}

std::string World::uncovered(Moment from, Moment to, Duration gap) {
  const auto& all = holds();
  for (const auto& [name, target] : targets) {
    const auto holds = all.find(name);
    if (holds == all.end()) return fmt::format("{}: nobody ever looked", name);
    Moment covered = from;
    for (const Hold& hold : holds->second) {
      if (hold.from > covered + gap && covered < to) break;
      covered = std::max(covered, hold.to);
    }
    if (covered + gap < to) {
      return fmt::format("{}: nobody looks after {} s", name,
                         static_cast<double>(covered.count()) / 1e6);
    }
  }
  return "";
}

}  // namespace muster::collector::test
