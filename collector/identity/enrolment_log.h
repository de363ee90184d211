// What became of those who asked to join: counted by result; refusals logged once an hour for each
// address and reason, without the token. Any thread.
#pragma once

#include <absl/status/status.h>

#include <string>
#include <string_view>

#include "collector/metrics/collector_metrics.h"
#include "collector/sync/rejection_log.h"
#include "common/clock.h"
#include "muster/v1/fleet.pb.h"

namespace muster::collector {

class EnrolmentLog {
 public:
  // Both outlive the object.
  EnrolmentLog(const Clock& clock, CollectorMetrics& metrics) : clock_(clock), metrics_(metrics) {}

  void enrolled(const v1::EnrolResponse& host, const std::string& peer);
  // Counted by the status: a token that is unknown, used up or expired, a request that is not one,
  // or a failure of ours.
  void refused(const absl::Status& status, const std::string& peer);
  // Too many from that address.
  void throttled(const std::string& peer);

 private:
  void count_and_log(std::string_view result, std::string_view error, const std::string& peer);

  const Clock& clock_;
  CollectorMetrics& metrics_;
  RejectionLog log_;
};

}  // namespace muster::collector
