// Looks at targets: every few seconds it gives each network probe the looks that begin in the next
// ones, as batches with the time of each; the probe waits for these. Batches overlap, so that a
// slow target keeps no other one waiting.
//
// One thread owns it, the one that runs the io_context.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "agent/config/config.h"
#include "agent/launcher/probe_runner.h"
#include "agent/targets/lease_clock.h"
#include "agent/targets/look_allowance.h"
#include "agent/targets/target_batches.h"
#include "agent/targets/target_schedule.h"
#include "common/clock.h"
#include "muster/v1/section.pb.h"

namespace boost::asio {
class io_context;
}

namespace muster::agent {

// Batches of one probe that may be under way.
inline constexpr size_t kMostTargetRuns = 8;
// Looks in one batch.
inline constexpr size_t kMostLooksInBatch = 10'000;

class TargetLooks {
 public:
  // What looks gave; some at a time.
  using Taken = std::function<void(std::vector<v1::Section>)>;

  // All references outlive it. `rows` are the runner's.
  TargetLooks(boost::asio::io_context& context, ProbeRunner& runner, const Clock& clock,
              Taken taken, std::span<const ProbeRow> rows = all_probes());
  ~TargetLooks();

  // Begins, or goes on with other settings and targets of its own.
  void start(const Config& config);
  // No look begins from here on but those that a probe has; these give nothing any more.
  void stop();

  // What the collector has it look at until `end`, by the collector's clock as `answer` tells it.
  void hold(TargetSchedule::Targets targets, Duration end);
  GridClock& collector_clock() { return collector_clock_; }
  // Plans what can be done at once of it. To be called after hold, from which on it may have
  // something to do every few seconds.
  void plan();
  // Has the probes that run killed: what they look at ends, and is told no more; it and what they
  // were to look at are planned anew, by the next that starts or plans.
  void give_up();

  // Of the collector's and its own.
  TargetSchedule::Counts counts() const;

 private:
  struct Row;
  struct Run;
  void tick(Row& row);
  void plan(Row& row);
  void launch(Row& row, const std::vector<PlannedLook>& looks);
  void end(Row& row, const std::shared_ptr<Run>& run, const std::string& why);
  void give(v1::Section section);

  boost::asio::io_context& context_;
  ProbeRunner& runner_;
  const Clock& clock_;
  Taken taken_;
  GridClock collector_clock_;
  LookAllowance allowance_{LookAllowance::Rates{}};
  TargetSchedule held_;
  TargetSchedule own_;
  Config config_;
  bool runs_ = false;
  std::vector<std::unique_ptr<Row>> rows_;
  // Sections of one turn of the io_context, so that they are kept together.
  std::vector<v1::Section> pending_;
};

// Targets of an agent's own, as they are looked at: by entity.
TargetSchedule::Targets own_targets(const Config& config);

}  // namespace muster::agent
