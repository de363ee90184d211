// Brings the outbox to the collector: at the interval, soon after a change, at once while more
// waits; slower when the collector asks for it or does not answer. A version that the collector
// refuses is found by sending one at a time, and left out, so that it does not hold up the others.
//
// One thread owns it, the one that runs the io_context.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "agent/outbox/outbox.h"
#include "agent/sync/report_plan.h"
#include "agent/sync/report_times.h"
#include "agent/sync/sync_transport.h"
#include "common/clock.h"
#include "muster/v1/agent_facts.pb.h"

namespace boost::asio {
class io_context;
}

namespace muster::agent {

class Reporter {
 public:
  struct Hooks {
    // Right before a report: the agent adds its own section.
    std::function<void()> before;
    // Adds to the report; an error keeps it here, and counts as what became of it.
    std::function<absl::Status(v1::SyncRequest&)> prepare;
    // What became of it, and when it was sent and answered.
    std::function<void(const absl::StatusOr<v1::SyncResponse>&, const ReportTimes&)> answered;
    // After every try, when the next is planned.
    std::function<void()> after;
  };

  // All references outlive it. `random` gives numbers in [0, 1).
  Reporter(boost::asio::io_context& context, const Clock& clock, Outbox& outbox,
           std::function<double()> random, Hooks hooks);
  ~Reporter();

  // Begins, or goes on by another way; a report on its way is given up.
  // `transport` outlives it, or the next start, or the stop.
  // `holds_leases`: see ReportResult.
  void start(SyncTransport& transport, Duration interval, bool holds_leases = false);
  void stop();

  // Something new waits in the outbox: report soon, or now.
  void changed();
  void report_now();
  // What kept reports from getting through may be gone: one that did not is repeated at once.
  void try_again();

  // Fills in what it knows: host, collector, times, error.
  void describe(v1::AgentStatus& status) const;

 private:
  struct Timer;
  void schedule(Duration delay, bool changes_hurry);
  void hurry(Duration delay);
  void report();
  // `attempt`: an answer to a report that was given up is not taken.
  void take(uint64_t attempt, absl::StatusOr<v1::SyncResponse> response);
  ReportResult take_answer(const v1::SyncResponse& response);
  ReportResult take_error(const absl::Status& error);
  void leave_out_what_is_refused();
  void log_error_once(const absl::Status& error, Duration delay);

  const Clock& clock_;
  Outbox& outbox_;
  std::function<double()> random_;
  Hooks hooks_;
  std::unique_ptr<Timer> timer_;
  SyncTransport* transport_ = nullptr;
  Duration interval_{0};
  bool holds_leases_ = false;
  v1::SyncRequest request_;
  bool in_flight_ = false;
  // Counts reports.
  uint64_t attempt_ = 0;
  // In uptime.
  Duration sent_{0};
  bool changed_meanwhile_ = false;
  bool changes_hurry_ = true;
  bool one_at_a_time_ = false;
  bool asked_before_ = false;
  unsigned failures_ = 0;
  // What `describe` tells.
  std::string host_;
  std::string collector_;
  std::string error_;
  TimePoint attempt_at_;
  TimePoint success_at_;
  TimePoint next_at_;
};

}  // namespace muster::agent
