// The simulated fleet in time: who reports when. Each host reports at its interval, soon after a
// change, at once while more waits, later when the collector brakes or does not answer: the times
// are those of agent/sync/report_plan.h. Or all hosts report as fast as they are answered, which
// measures what a report costs.
//
// A run has phases. The first ends when every host has been in sync once: it was answered, and
// nothing waited. After it comes the steady phase, to the run's end. `begin_anew` (a signal, when a
// collector was killed) doubts every host again. Each phase has counts of its own.
//
// One thread owns it.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <queue>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "common/clock.h"
#include "tests/simulator/fleet_transport.h"
#include "tests/simulator/latency_histogram.h"
#include "tests/simulator/section_source.h"
#include "tests/simulator/simulated_agent.h"

namespace muster::simulator {

struct SimulationOptions {
  // Zero: every host again as soon as it is answered, whatever the collector asks for.
  Duration sync_interval = std::chrono::seconds(60);
  // Of each host, spread evenly; its report follows two seconds later.
  double changes_per_hour = 0;
  // A change before every report of the steady phase.
  bool change_every_sync = false;
  // Reports under way; more wait for one of these to be answered.
  size_t concurrency = 256;
  // The steady phase ends after this time, or this many reports, whichever is first; zero: no
  // bound.
  Duration duration{0};
  uint64_t syncs = 0;
  // The run ends with its first phase.
  bool until_in_sync = false;
  uint64_t seed = 1;
};

enum class Phase { kJoining, kSteady };

// What one phase came to.
struct PhaseResult {
  Phase phase = Phase::kJoining;
  std::chrono::duration<double> took{0};
  size_t hosts = 0;
  size_t in_sync = 0;
  uint64_t syncs = 0;
  uint64_t connections = 0;
  // Over a connection that was there, and over one that had to be made.
  LatencyHistogram latency;
  LatencyHistogram connecting_latency;
  // By gRPC's name of the code.
  std::map<std::string, uint64_t> errors;
  FactCounts facts;
};

class Simulation {
 public:
  using SteadyTime = std::chrono::steady_clock::time_point;

  struct Hooks {
    // At the end of each phase.
    std::function<void(const PhaseResult&)> phase_ended;
    // Asked at least five times a second.
    std::function<bool()> should_end;
    std::function<bool()> should_begin_anew;
  };

  // The references outlive it. As many hosts as memories.
  Simulation(SimulationOptions options, const SectionSource& source, FleetTransport& transport,
             const Clock& clock, std::vector<AgentMemory> memories, Hooks hooks);

  void run();

  std::vector<AgentMemory> memories() const;

 private:
  struct Host {
    explicit Host(SimulatedAgent simulated) : agent(std::move(simulated)) {}
    SimulatedAgent agent;
    SteadyTime due;
    bool in_flight = false;
    bool changes_hurry = true;
    bool changed_meanwhile = false;
    // Was in sync since the joining phase began.
    bool joined = false;
  };

  void schedule(size_t host, SteadyTime due);
  void change_due(SteadyTime now);
  void send_due(SteadyTime now);
  void take_last_answers();
  void take(const FleetAnswer& answer);
  void plan_next(size_t host, const agent::ReportResult& result);
  void count(const FleetAnswer& answer);
  void begin_phase(Phase phase);
  void end_phase();
  void doubt_all();
  bool is_over(SteadyTime now) const;
  Duration change_interval();

  const SimulationOptions options_;
  const SectionSource& source_;
  FleetTransport& transport_;
  const Clock& clock_;
  const Hooks hooks_;
  std::mt19937_64 random_;
  // Shared by all agents; a phase's are the difference to those at its begin.
  FactCounts facts_;
  std::vector<Host> hosts_;
  // When each host that has no report under way is due.
  std::set<std::pair<SteadyTime, size_t>> due_;
  using Change = std::pair<SteadyTime, size_t>;
  std::priority_queue<Change, std::vector<Change>, std::greater<>> changes_;
  size_t in_flight_ = 0;
  size_t in_sync_ = 0;
  size_t joined_ = 0;

  PhaseResult phase_;
  FactCounts facts_before_;
  SteadyTime phase_began_;
};

}  // namespace muster::simulator
