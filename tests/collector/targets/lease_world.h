// A small world for leases: a collector that can be stopped, agents that follow the protocol as
// reporting.proto tells it, each with a clock of its own, and a network between them that loses and
// delays. Time is simulated. What every agent would have looked at is written down in true time.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <queue>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "collector/targets/leases.h"
#include "tests/collector/fakes.h"

namespace muster::collector::test {

// "192.0.2.7:443".
Target a_target(const std::string& name, uint64_t number);

// Since the world began, in truth.
using Moment = Duration;

// A machine's clocks: both go too fast or too slow, and the time of day is set.
class MachineClock : public Clock {
 public:
  MachineClock(const Moment& truth, double drift) : truth_(truth), drift_(drift) {}

  TimePoint now() const override;
  Duration uptime() const override { return to_uptime(truth_); }
  Duration to_uptime(Moment moment) const;
  Moment to_truth(Duration uptime) const;

  void set_wall(Duration by) { wall_offset_ += by; }
  void reboot();
  std::string boot_id() const { return std::to_string(boot_); }

 private:
  const Moment& truth_;
  const double drift_;
  Duration wall_offset_{};
  Moment booted_{-std::chrono::hours(100)};
  int boot_ = 1;
};

// Commits when it is told to.
class SlowStore : public FakeStore {
 public:
  void put_leases(LeaseWrite write, Done done) override {
    waiting_.emplace(std::move(write), std::move(done));
    on_put();
  }
  void commit();
  std::function<void()> on_put;
  // As a crash does.
  void forget() { waiting_ = {}; }

 private:
  std::queue<std::pair<LeaseWrite, Done>> waiting_;
};

struct Hold {
  Moment from;
  Moment to;
  size_t agent = 0;
};

struct Agent {
  Agent(const Moment& truth, double drift) : clock(truth, drift) {}

  struct Permission {
    Duration from{};
    // Of the target alone; else it is the list's.
    std::optional<Duration> ends;
    // When the agent learnt of it.
    Moment since{};
  };

  std::string id;
  MachineClock clock;
  bool runs = true;
  Moment paused_until{};
  Moment cut_until{};
  std::set<std::string> refuses;
  std::string digest;
  std::map<std::string, Permission> permissions;
  Duration list_ends{};
  // Answers to others than this one are not waited for any more.
  uint64_t request = 0;
  // So that an agent that is started again does not report twice as often.
  uint64_t life = 0;
};

struct WorldOptions {
  uint64_t seed = 0;
  size_t agents = 4;
  size_t targets = 8;
  Duration lease = std::chrono::minutes(3);
  // Parts in a million that clocks are off at most; each agent's, where they are given.
  double drift = 200;
  std::vector<double> drifts = {};
  // Of messages, in a hundred.
  int lost = 0;
  Duration longest_delay = std::chrono::milliseconds(50);
  // Until the store has what it was given.
  Duration slowest_commit = std::chrono::milliseconds(100);
};

class World {
 public:
  explicit World(const WorldOptions& options);

  void run_until(Moment moment);
  void at(Moment moment, std::function<void()> what);
  Moment now() const { return truth_; }
  // From 0 to below `limit`.
  uint64_t random(uint64_t limit);
  Duration random_time(Duration limit) { return Duration(random(limit.count() + 1)); }

  void stop_collector();
  void start_collector();
  bool has_collector() const { return leases_ != nullptr; }
  TargetLeases& leases() { return *leases_; }

  void stop_agent(Agent& agent);
  void start_agent(Agent& agent);

  // What the collector has now.
  void set_targets();
  void set_lookers();

  // All that was looked at so far, by target.
  const std::map<std::string, std::vector<Hold>>& holds();
  // "" or who looked at what at the same time.
  std::string overlap();
  // "" or what nobody looked at for longer than `gap` within these times.
  std::string uncovered(Moment from, Moment to, Duration gap);

  WorldOptions options;
  Duration sync_interval;
  MachineClock collector_clock;
  SlowStore store;
  bool store_works = true;
  std::vector<std::unique_ptr<Agent>> agents;
  // By host id; what is not there does not look.
  std::map<std::string, Looker> lookers;
  TargetTable::Targets targets;
  int brake = 1;

 private:
  struct Event {
    Moment moment;
    uint64_t number;
    std::function<void()> what;
    bool operator<(const Event& other) const {
      return std::tie(other.moment, other.number) < std::tie(moment, number);
    }
  };

  void tick();
  Duration delay();
  bool is_lost(const Agent& agent);
  void report(Agent& agent, uint64_t life);
  void take_answer(Agent& agent, uint64_t number, Duration sent, v1::SyncResponse response);
  void close(Agent& agent);
  void write_down(const std::string& target, const Hold& hold);

  Moment truth_{};
  std::mt19937_64 engine_;
  std::priority_queue<Event> events_;
  uint64_t events_made_ = 0;
  std::map<std::string, std::vector<Hold>> holds_;
  std::unique_ptr<TargetLeases> leases_;
};

}  // namespace muster::collector::test
