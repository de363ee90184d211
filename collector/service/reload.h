// Reading again, without a restart, what may change: inventory, lists of targets, policy, web
// configuration. All of it is read before policy and web configuration are replaced, which is both
// or neither.
#pragma once

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <functional>
#include <mutex>
#include <string>

#include "collector/config.h"
#include "collector/fleet/fleet.h"
#include "collector/inventory/inventory_sources.h"
#include "collector/metrics/policy_metrics.h"
#include "collector/service/target_service.h"
#include "collector/service/web_front.h"

namespace muster::collector {

// What is reloaded; all outlive it.
struct Reloaded {
  const Config& config;
  Fleet& fleet;
  InventorySources& inventory;
  TargetService& targets;
  PolicyMetrics& metrics;
  std::function<absl::StatusOr<WebSettings>()> load_web;
  std::function<absl::Status(WebSettings)> replace_web;
};

class Reload {
 public:
  // `policy_text`: of the policy that the fleet has.
  Reload(Reloaded parts, std::string policy_text)
      : parts_(std::move(parts)), policy_text_(std::move(policy_text)) {}

  // What is to be said of a reload that took everything: "", or that collector.yml has changed.
  // Else what stays as it was, and why, each complaint with its place: policy and web
  // configuration, or an inventory or lists of targets. For an operator; several lines. Blocks;
  // once at a time.
  absl::StatusOr<std::string> run();

  // The policy in force as it is written. Any thread; does not wait for a reload.
  std::string policy_text() const;

 private:
  absl::Status replace();

  const Reloaded parts_;
  mutable std::mutex mutex_;
  std::string policy_text_;
};

}  // namespace muster::collector
