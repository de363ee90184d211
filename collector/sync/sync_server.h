// The gRPC port: listens for agents, wants a client certificate of the fleet's CA from everybody,
// and bounds what a connection may cost. The header knows nothing of gRPC. Owned by the collector.
#pragma once

#include <absl/status/statusor.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "collector/fleet/fleet.h"
#include "collector/fleet/target_fleet.h"
#include "collector/identity/authorities.h"
#include "collector/identity/certificate_names.h"
#include "collector/identity/newcomers.h"
#include "collector/identity/renewal.h"
#include "collector/metrics/collector_metrics.h"
#include "collector/store/store.h"
#include "common/clock.h"

namespace muster::collector {

struct SyncServerOptions {
  // "[::]:8433"; port 0 for any.
  std::vector<std::string> addresses;
  // PEM files. They are read again when they change, for connections from then on.
  std::string certificate_path;
  std::string key_path;
  std::string ca_path;
  std::string trust_domain;
  // Of a site's own CA, in the place of the trust domain; then `newcomers` adds hosts.
  std::optional<CertificateNames> names = std::nullopt;
  Newcomers* newcomers = nullptr;
  // Of the fleet's own: what was made by a root that was dropped is refused on connections that
  // were made before, too. Outlives the server.
  const Authorities* authorities = nullptr;
  // As in SyncServiceContext; both outlive the server.
  TargetFleet* targets = nullptr;
  TargetLeases* leases = nullptr;
  Duration sync_interval = std::chrono::minutes(1);
  // A certificate is checked when a connection is made: one that has expired is good for no longer
  // than this. Agents connect anew by themselves.
  Duration connection_age = std::chrono::hours(12);
};

class SyncServer {
 public:
  // All outlive the server. `load` is how full the store's queue is, 0 to 1. Without `renewal`
  // nobody renews a certificate here.
  static absl::StatusOr<std::unique_ptr<SyncServer>> start(const SyncServerOptions& options,
                                                           const Clock& clock, Store& store,
                                                           Fleet& fleet, CollectorMetrics& metrics,
                                                           std::function<double()> load,
                                                           Renewal* renewal = nullptr);
  virtual ~SyncServer() = default;
  // The port of each address, in their order.
  virtual const std::vector<int>& ports() const = 0;
  // Answers what is under way within `grace`, and closes. The store must still run.
  virtual void stop(Duration grace) = 0;
};

}  // namespace muster::collector
