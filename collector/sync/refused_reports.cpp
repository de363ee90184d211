#include "collector/sync/refused_reports.h"

#include "common/log.h"

namespace muster::collector {

void RefusedReports::take(const std::string& host_id, const std::string& peer,
                          const Rejection& rejection) {
  metrics_.count_sync(CollectorMetrics::SyncResult::kRejected);
  metrics_.count_rejected(rejection.reason);
  if (!log_.should_log(host_id, rejection.reason, clock_.now())) return;
  log_warning("refused a report; the same reason of this host is not logged for an hour",
              {{host_id.empty() ? "peer" : "host_id", host_id.empty() ? peer : host_id},
               {"reason", rejection.reason},
               {"error", std::string(rejection.status.message())}});
}

}  // namespace muster::collector
