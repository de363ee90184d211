// Targets in a running collector: what is listed, who looks at it, and how it stands, put together.
// The owner starts and stops it; every_second() is one thread's.
#pragma once

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <memory>
#include <string>
#include <vector>

#include "collector/fleet/fleet.h"
#include "collector/fleet/target_fleet.h"
#include "collector/metrics/collector_metrics.h"
#include "collector/store/target_store.h"
#include "collector/targets/leases.h"
#include "collector/targets/target_sources.h"
#include "collector/targets/targets_config.h"

namespace muster::collector {

// Hosts that may look, out of those with the configured labels: their weight is what the label says
// where that is a whole number from 1 to 100, and 1 where it is not. Pure.
std::vector<Looker> lookers_of(const std::vector<LabelledHost>& hosts, const TargetsConfig& config);

// "role=monitor", for people; several values as "site=fra|ber". Pure.
std::string describe_agents(const TargetsConfig& config);

class TargetService {
 public:
  // All outlive it.
  struct Parts {
    const TargetsConfig& config;
    const std::string& state_directory;
    const Clock& clock;
    Store& store;
    TargetStore& target_store;
    // Loaded, and with the policy that targets are judged by.
    Fleet& hosts;
    CollectorMetrics& metrics;
    TargetSourceMetrics* source_metrics;
  };
  // With what the store has; blocks for that, and reads the lists.
  static absl::StatusOr<std::unique_ptr<TargetService>> open(const Parts& parts);

  // Asks the servers of lists from here on.
  void start() { sources_->start(); }
  void stop() { sources_->stop(); }
  // Who may look and who holds what; what is due; numbers for metrics.
  void every_second();
  // For the times that only heartbeats moved; also at the end.
  void flush_times();
  // Reads the lists again; what is wrong with them, a line each.
  absl::Status reload() { return sources_->reload(); }

  TargetFleet& fleet() { return *fleet_; }
  TargetLeases& leases() { return *leases_; }

 private:
  explicit TargetService(const Parts& parts) : parts_(parts) {}
  void look_at_lookers();
  void forget_unlisted();

  const Parts parts_;
  std::unique_ptr<TargetLeases> leases_;
  std::unique_ptr<TargetFleet> fleet_;
  std::unique_ptr<TargetSources> sources_;
  std::optional<uint64_t> looked_at_scopes_;
  bool forgot_unlisted_ = false;
};

}  // namespace muster::collector
