// All that an agent does for targets: what it takes of the collector's, when it looks at these and
// its own, what it tells about them, and what it leaves for the next agent of this host.
//
// One thread owns it, the one that runs the io_context.
#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "agent/config/config.h"
#include "agent/launcher/probe_runner.h"
#include "agent/sync/report_times.h"
#include "agent/targets/assignments.h"
#include "agent/targets/target_looks.h"
#include "common/clock.h"
#include "muster/v1/agent_facts.pb.h"
#include "muster/v1/reporting.pb.h"
#include "muster/v1/section.pb.h"

namespace muster::agent {

class TargetWork {
 public:
  struct Receiver {
    // What looks gave, and of targets that are not looked at, why.
    std::function<void(std::vector<v1::Section>)> taken;
    // Sections of other targets than these are worth nothing any more. Not before the collector has
    // said which it gives; then once at least, even if there are none: an earlier process may have
    // left some.
    std::function<void(const std::set<std::string>& entities)> held;
  };

  // All references outlive it.
  TargetWork(boost::asio::io_context& context, ProbeRunner& runner, const Clock& clock,
             Receiver receiver);

  // Begins, or goes on with another configuration. The first time with what was left for it.
  void start(const Config& config);
  // Nothing begins from here on; what it holds is left for the next.
  void stop();

  // Adds to a report, and takes the answer.
  void describe(v1::SyncRequest& request) const { assignments_.describe(request); }
  void take(const v1::SyncResponse& response, const ReportTimes& times);

  void describe(v1::AgentStatus& status) const;
  // For the agent's section about itself.
  struct Counts {
    size_t held = 0;
    uint64_t refused = 0;
    TargetSchedule::Counts looks;
  };
  Counts counts() const;

 private:
  void resume();
  void hold();
  void tell_what_is_not_looked_at();
  bool is_held_now() const;

  const Clock& clock_;
  Receiver receiver_;
  Config config_;
  Assignments assignments_;
  TargetLooks looks_;
  // Targets whose sections are taken.
  std::set<std::string> entities_;
  // What receiver_.held was told.
  std::optional<std::set<std::string>> told_;
  // Whether the collector has said which targets it gives, since this process began.
  bool is_answered_ = false;
  bool is_started_ = false;
};

}  // namespace muster::agent
