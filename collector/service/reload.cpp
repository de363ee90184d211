#include "collector/service/reload.h"

#include <fmt/format.h>

#include <utility>

#include "collector/service/policy_reload.h"
#include "common/log.h"

namespace muster::collector {

absl::Status Reload::run() {
  // First, since the policy's selectors are held against the labels of hosts and targets.
  const absl::Status inventory = parts_.inventory.reload();
  const absl::Status targets = parts_.targets.reload();
  absl::Status status = replace();
  parts_.metrics.note_reload(status.ok());
  if (!status.ok()) {
    log_error("reload refused; the old policy and web configuration stay",
              {{"error", std::string(status.message())}});
    return status;
  }
  log_info("reloaded policy and web configuration",
           {{"controls", parts_.fleet.policy()->controls.size()}});
  std::string kept;
  for (const auto& [what, read] :
       {std::pair("the inventory", inventory), std::pair("the lists of targets", targets)}) {
    if (read.ok()) continue;
    kept += fmt::format("{}of {}, what it said last stays: {}", kept.empty() ? "" : "\n", what,
                        std::string(read.message()));
  }
  if (kept.empty()) return status;
  return absl::InvalidArgumentError(
      fmt::format("policy and web configuration are reloaded; {}", kept));
}

absl::Status Reload::replace() {
  absl::Status status = check_config_file(parts_.config);
  if (!status.ok()) return status;
  absl::StatusOr<LoadedPolicy> policy =
      load_policy_for(parts_.fleet, parts_.config.policy, &parts_.targets.fleet().entities());
  if (!policy.ok()) return policy.status();
  absl::StatusOr<WebSettings> settings = parts_.load_web();
  if (!settings.ok()) return settings.status();
  status = parts_.replace_web(*std::move(settings));
  if (!status.ok()) return status;
  {
    const std::lock_guard guard(mutex_);
    policy_text_ = std::move(policy->text);
  }
  parts_.fleet.set_policy(policy->policy);
  parts_.targets.fleet().entities().set_policy(policy->policy);
  return absl::OkStatus();
}

std::string Reload::policy_text() const {
  const std::lock_guard guard(mutex_);
  return policy_text_;
}

}  // namespace muster::collector
