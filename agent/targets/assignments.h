// The targets that a collector gives this agent, and what of them it takes: those that are well
// formed and in `targets.allow`. What it refuses is counted, and logged once. One thread owns it.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agent/targets/allowed_targets.h"
#include "common/address.h"
#include "common/clock.h"
#include "muster/v1/reporting.pb.h"

namespace muster::agent {

// More than this many in one answer are refused.
inline constexpr int kMostAssignments = 1000;

struct TakenTarget {
  std::string target;
  std::string probe;
  Address address;
  TimePoint not_before;
  TimePoint valid_until;
};

class Assignments {
 public:
  // `probes`: the names of those that look at targets.
  Assignments(std::vector<AllowedTargets> allowed, std::vector<std::string> probes)
      : allowed_(std::move(allowed)), probes_(std::move(probes)) {}

  // Another configuration: what it does not allow any more is dropped at once.
  void allow(std::vector<AllowedTargets> allowed);
  // The answer's list in place of the last one.
  void take(const v1::SyncResponse& response);

  const std::vector<TakenTarget>& taken() const { return taken_; }
  // Assignments refused since the agent started; one that comes again is counted again.
  uint64_t refused() const { return refused_; }

 private:
  void refuse(const v1::Assignment& assignment, std::string_view why);

  std::vector<AllowedTargets> allowed_;
  const std::vector<std::string> probes_;
  std::vector<TakenTarget> taken_;
  uint64_t refused_ = 0;
  // The last ones that were logged, so that each is logged once; bounded.
  std::set<std::string> logged_;
};

}  // namespace muster::agent
