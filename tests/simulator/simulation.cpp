#include "tests/simulator/simulation.h"

#include <absl/status/status.h>

#include <algorithm>
#include <utility>

#include "agent/sync/report_plan.h"

namespace muster::simulator {
namespace {

using namespace std::chrono_literals;

// How late a signal may be noticed.
constexpr auto kLook = 200ms;
// How long a run that ends waits for what is under way.
constexpr auto kLastAnswers = 5s;

FactCounts difference(const FactCounts& after, const FactCounts& before) {
  return {.sent = after.sent - before.sent,
          .bytes = after.bytes - before.bytes,
          .retried = after.retried - before.retried,
          .resent = after.resent - before.resent,
          .wanted = after.wanted - before.wanted,
          .dropped = after.dropped - before.dropped};
}

double uniform(std::mt19937_64& random) {
  return std::uniform_real_distribution<>(0, 1)(random);
}

}  // namespace

Simulation::Simulation(SimulationOptions options, const SectionSource& source,
                       FleetTransport& transport, const Clock& clock,
                       std::vector<AgentMemory> memories, Hooks hooks)
    : options_(options),
      source_(source),
      transport_(transport),
      clock_(clock),
      hooks_(std::move(hooks)),
      random_(options.seed) {
  const TimePoint now = clock_.now();
  // As agent/outbox/outbox.cpp: a later life of the same agent has a larger one.
  const auto epoch = static_cast<uint64_t>(now.time_since_epoch().count());
  hosts_.reserve(memories.size());
  for (size_t i = 0; i < memories.size(); ++i) {
    hosts_.emplace_back(SimulatedAgent(source_, facts_, i, std::move(memories[i]), epoch, now));
  }
}

Duration Simulation::change_interval() {
  const double mean = 3600 / options_.changes_per_hour;
  return std::chrono::duration_cast<Duration>(
      std::chrono::duration<double>(mean * (0.5 + uniform(random_))));
}

void Simulation::run() {
  const SteadyTime start = std::chrono::steady_clock::now();
  for (size_t i = 0; i < hosts_.size(); ++i) {
    schedule(i, start);
    if (options_.changes_per_hour > 0) {
      changes_.push(
          {start + std::chrono::duration_cast<Duration>(change_interval() * uniform(random_)), i});
    }
  }
  begin_phase(Phase::kJoining);
  while (!hooks_.should_end()) {
    if (hooks_.should_begin_anew()) doubt_all();
    const SteadyTime now = std::chrono::steady_clock::now();
    if (is_over(now)) break;
    change_due(now);
    send_due(now);
    SteadyTime until = now + kLook;
    if (!due_.empty() && in_flight_ < options_.concurrency) {
      until = std::min(until, due_.begin()->first);
    }
    if (!changes_.empty()) until = std::min(until, changes_.top().first);
    if (std::optional<FleetAnswer> answer = transport_.next(until)) take(*answer);
  }
  take_last_answers();
  end_phase();
}

void Simulation::take_last_answers() {
  const SteadyTime until = std::chrono::steady_clock::now() + kLastAnswers;
  while (in_flight_ > 0) {
    std::optional<FleetAnswer> answer = transport_.next(until);
    if (!answer) return;
    take(*answer);
  }
}

bool Simulation::is_over(SteadyTime now) const {
  if (phase_.phase != Phase::kSteady) return false;
  return options_.until_in_sync || (options_.syncs > 0 && phase_.syncs >= options_.syncs) ||
         (options_.duration > 0us && now - phase_began_ >= options_.duration);
}

void Simulation::schedule(size_t host, SteadyTime due) {
  due_.erase({hosts_[host].due, host});
  hosts_[host].due = due;
  due_.emplace(due, host);
}

void Simulation::change_due(SteadyTime now) {
  while (!changes_.empty() && changes_.top().first <= now) {
    const size_t number = changes_.top().second;
    changes_.pop();
    changes_.push({now + change_interval(), number});
    Host& host = hosts_[number];
    if (host.agent.is_in_sync()) --in_sync_;
    host.agent.change(clock_.now());
    if (host.in_flight) {
      host.changed_meanwhile = true;
    } else if (host.changes_hurry && host.due > now + agent::kChangeDelay) {
      schedule(number, now + agent::kChangeDelay);
    }
  }
}

void Simulation::send_due(SteadyTime now) {
  while (in_flight_ < options_.concurrency && !due_.empty() && due_.begin()->first <= now) {
    const size_t number = due_.begin()->second;
    due_.erase(due_.begin());
    Host& host = hosts_[number];
    if (options_.change_every_sync && phase_.phase == Phase::kSteady) {
      if (host.agent.is_in_sync()) --in_sync_;
      host.agent.change(clock_.now());
    }
    host.in_flight = true;
    host.changed_meanwhile = false;
    ++in_flight_;
    transport_.sync(number, host.agent.request(clock_.now()));
  }
}

void Simulation::count(const FleetAnswer& answer) {
  if (answer.connected) ++phase_.connections;
  if (!answer.response.ok()) {
    ++phase_.errors[absl::StatusCodeToString(answer.response.status().code())];
    return;
  }
  ++phase_.syncs;
  (answer.connected ? phase_.connecting_latency : phase_.latency).add(answer.took);
}

void Simulation::take(const FleetAnswer& answer) {
  count(answer);
  --in_flight_;
  Host& host = hosts_.at(answer.host);
  host.in_flight = false;
  if (host.agent.is_in_sync()) --in_sync_;
  const agent::ReportResult result = host.agent.take(answer.response);
  // What changed while the report was on its way waits for the next one.
  if (host.agent.is_in_sync()) {
    ++in_sync_;
    if (!std::exchange(host.joined, true)) ++joined_;
  }
  plan_next(answer.host, result);
  if (phase_.phase == Phase::kJoining && joined_ == hosts_.size()) {
    end_phase();
    begin_phase(Phase::kSteady);
  }
}

void Simulation::plan_next(size_t number, const agent::ReportResult& result) {
  Host& host = hosts_[number];
  agent::ReportPlan plan =
      agent::plan_after(result, std::max<Duration>(options_.sync_interval, 1s), uniform(random_));
  if (options_.sync_interval == 0us && result.status.ok()) plan = {};
  if (host.changed_meanwhile && plan.changes_hurry) {
    plan.delay = std::min(plan.delay, agent::kChangeDelay);
  }
  host.changes_hurry = plan.changes_hurry;
  schedule(number, std::chrono::steady_clock::now() + plan.delay);
}

void Simulation::begin_phase(Phase phase) {
  phase_ = PhaseResult();
  phase_.phase = phase;
  phase_.hosts = hosts_.size();
  facts_before_ = facts_;
  phase_began_ = std::chrono::steady_clock::now();
}

void Simulation::end_phase() {
  phase_.took = std::chrono::steady_clock::now() - phase_began_;
  phase_.in_sync = phase_.phase == Phase::kJoining ? joined_ : in_sync_;
  phase_.facts = difference(facts_, facts_before_);
  hooks_.phase_ended(phase_);
}

void Simulation::doubt_all() {
  end_phase();
  for (Host& host : hosts_) {
    host.agent.doubt();
    host.joined = false;
  }
  in_sync_ = 0;
  joined_ = 0;
  begin_phase(Phase::kJoining);
}

std::vector<AgentMemory> Simulation::memories() const {
  std::vector<AgentMemory> memories;
  for (const Host& host : hosts_)
    memories.push_back(host.agent.memory());
  return memories;
}

}  // namespace muster::simulator
