// What happens to every report that is refused: it is counted by reason, and logged once an hour
// for each host and reason. Any thread.
#pragma once

#include <string>

#include "collector/metrics/collector_metrics.h"
#include "collector/sync/rejection_log.h"
#include "collector/sync/sync_validation.h"
#include "common/clock.h"

namespace muster::collector {

class RefusedReports {
 public:
  // Both outlive the object.
  RefusedReports(const Clock& clock, CollectorMetrics& metrics)
      : clock_(clock), metrics_(metrics) {}

  // `host_id` is empty where the certificate names none; `peer` is the connection's address then.
  void take(const std::string& host_id, const std::string& peer, const Rejection& rejection);

 private:
  const Clock& clock_;
  CollectorMetrics& metrics_;
  RejectionLog log_;
};

}  // namespace muster::collector
