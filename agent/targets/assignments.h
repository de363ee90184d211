// The targets that a collector gives this agent, and what of them it takes: those that are well
// formed, in `targets.allow`, and of a kind that is looked at here. What it refuses is counted,
// logged once, and told. An answer is taken whole or not at all: one that is not understood leaves
// everything as it was. One thread owns it.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "agent/sync/report_times.h"
#include "agent/targets/allowed_targets.h"
#include "agent/targets/held_target.h"
#include "agent/targets/lease_clock.h"
#include "muster/v1/reporting.pb.h"

namespace muster::agent {

// More than this many are refused.
inline constexpr size_t kMostAssignments = 10'000;
// Of those that are refused, so many are told to the collector: the least of their names first.
inline constexpr size_t kMostRefusedNames = 1'000;

class Assignments {
 public:
  using Held = std::map<std::string, HeldTarget, std::less<>>;
  using Refused = std::map<std::string, RefusedTarget, std::less<>>;

  // What the configuration says.
  struct Rules {
    std::vector<AllowedTargets> allowed;
    // The probes that look at targets, as far as they are not switched off, and those that are.
    std::vector<std::string> probes;
    std::vector<std::string> disabled_probes = {};
    bool operator==(const Rules&) const = default;
  };
  explicit Assignments(Rules rules) : rules_(std::move(rules)) {}

  // Another configuration: what it does not allow any more is dropped at once, and the list is
  // asked for again.
  void allow(Rules rules);
  // Adds to the next report what the collector has to know.
  void describe(v1::SyncRequest& request) const;
  // Whether there was a list, or its end moved.
  bool take(const v1::SyncResponse& response, const ReportTimes& times);
  // What a run before this one left (lease_file.h), as far as it is allowed. The list is asked for
  // again nevertheless.
  void resume(std::vector<HeldTarget> held, Duration end);

  const Held& held() const { return held_; }
  const Refused& refused() const { return refused_; }
  // Until when the held ones may be looked at, in uptime.
  Duration end() const { return end_; }
  // Assignments refused since the agent started; one that comes in another list is counted again.
  uint64_t refused_total() const { return refused_total_; }

 private:
  // Empty, or why the answer is not taken.
  std::string_view take_list(const v1::SyncResponse& response, const ReportTimes& times);
  bool read_list(const std::string& bytes, const AnswerClock& clock, Held& held, Refused& refused);
  // Why the target is not looked at here; empty if it is.
  std::string complaint_about(std::string_view probe, std::string_view address) const;
  void take_one(const v1::Assignment& assignment, size_t number, const AnswerClock& clock,
                Held& held, Refused& refused);
  void refuse(const v1::Assignment& assignment, std::string why, Refused& refused);

  Rules rules_;
  Held held_;
  Refused refused_;
  // Of the list that it goes by; empty: it has none, or wants it again.
  std::string digest_;
  Duration end_{0};
  uint64_t refused_total_ = 0;
  // The first ones that were logged, so that each is logged once; bounded.
  std::set<std::string> logged_;
  // Why the last answer was not taken, logged once.
  std::string_view complaint_;
};

}  // namespace muster::agent
