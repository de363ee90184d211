#include "agent/sync/report_plan.h"

#include <algorithm>

#include "agent/sync/backoff.h"

namespace muster::agent {

ReportPlan plan_after(const ReportResult& result, Duration interval, double random) {
  if (!result.status.ok()) {
    Duration delay = backoff_delay(result.failures, random);
    if (result.holds_leases) delay = std::min(delay, with_jitter(interval, random));
    return {is_refusal(result.status) ? std::max(delay, with_jitter(interval, random)) : delay,
            false};
  }
  // A collector at ease names about the usual interval: that spreads hosts, and slows nobody.
  if (result.brake > interval + interval / 2) {
    return {std::min(result.brake, kLongestBrake), false};
  }
  if (result.continues) return {Duration(0), true};
  return {result.brake > Duration(0) ? std::max(result.brake, kShortestBrake)
                                     : with_jitter(interval, random),
          true};
}

bool is_refusal(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kPermissionDenied:
    case absl::StatusCode::kUnauthenticated:
    case absl::StatusCode::kUnimplemented:
      return true;
    default:
      return false;
  }
}

}  // namespace muster::agent
