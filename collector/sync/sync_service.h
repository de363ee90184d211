// The service Sync: who reports is who its certificate says; the report is checked; the fleet
// plans; the store commits; then it is answered. On gRPC's callback API: a call never blocks, the
// answer comes from the store's thread when something was committed. Any thread.
#pragma once

#include <grpcpp/grpcpp.h>

#include <atomic>
#include <functional>
#include <mutex>
#include <set>
#include <string>

#include "collector/fleet/fleet.h"
#include "collector/fleet/target_fleet.h"
#include "collector/identity/certificate_names.h"
#include "collector/identity/newcomers.h"
#include "collector/identity/renewal.h"
#include "collector/metrics/collector_metrics.h"
#include "collector/store/store.h"
#include "collector/sync/refused_reports.h"
#include "collector/sync/rejection_log.h"
#include "collector/sync/sync_validation.h"
#include "muster/v1/reporting.grpc.pb.h"

namespace muster::collector {

struct SyncServiceContext {
  // All outlive the service, and the store's callbacks its last call.
  const Clock& clock;
  Store& store;
  Fleet& fleet;
  CollectorMetrics& metrics;
  RefusedReports& refused;
  CertificateNames names;
  Duration sync_interval;
  // How full the store's queue is, 0 to 1.
  std::function<double()> load;
  // Null where there are no targets: nothing is taken of any, and nobody is given one.
  TargetFleet* targets = nullptr;
  TargetLeases* leases = nullptr;
  // Adds the hosts of a site's own CA; null: hosts enrol.
  Newcomers* newcomers = nullptr;
  // Null where certificates are made by others.
  const Renewal* renewal = nullptr;
  // Null where others decide which CAs are trusted.
  const Authorities* authorities = nullptr;
};

class SyncService : public v1::ReportingService::CallbackService {
 public:
  explicit SyncService(SyncServiceContext context) : context_(std::move(context)) {}

  grpc::ServerUnaryReactor* Sync(grpc::CallbackServerContext* call, const v1::SyncRequest* request,
                                 v1::SyncResponse* response) override;

 private:
  // Answers at once, or after the commit. OK: `reactor` will be finished.
  // `generation`: of the certificate that the report came with.
  void commit(const std::string& host_id, uint64_t generation, const v1::SyncRequest& request,
              v1::SyncResponse& response, grpc::ServerUnaryReactor& reactor);
  // What a report changes, of the host and of targets.
  struct Plan {
    SyncPlan host;
    TargetsPlan targets;
  };
  // Makes it the fleet's state and fills the answer, which is then to be sent.
  void finish(Plan plan, const v1::SyncRequest& request, v1::SyncResponse& response);
  void reject(const std::string& host_id, const std::string& peer, const Rejection& rejection,
              grpc::ServerUnaryReactor& reactor);
  // Of a host that its own CA names and nobody knows yet: adds it, and commits its report then.
  void add_and_commit(const std::string& name, const std::string& host_id, uint64_t generation,
                      const v1::SyncRequest& request, v1::SyncResponse& response,
                      grpc::ServerUnaryReactor& reactor);
  bool begin(const std::string& host_id);
  void end(const std::string& host_id);

  const SyncServiceContext context_;
  // Of failed commits.
  RejectionLog commit_log_;
  std::atomic<uint64_t> answers_ = 0;

  std::mutex mutex_;
  // Hosts with a commit under way: a second report of the same host would be planned on what is no
  // longer true. Guarded by mutex_, a leaf.
  std::set<std::string> busy_;
};

}  // namespace muster::collector
