#include "collector/service/reload.h"

#include <fmt/format.h>

#include <string_view>
#include <utility>

#include "collector/service/policy_reload.h"
#include "common/log.h"

namespace muster::collector {
namespace {

// Of lists that are read beside policy and web configuration, where they could not be: on lines of
// their own.
std::string kept_words(std::string_view who, const absl::Status& read) {
  if (read.ok()) return "";
  return fmt::format("\n{} what was said last: {}", who, std::string(read.message()));
}

}  // namespace

absl::StatusOr<std::string> Reload::run() {
  // First, since the policy's selectors are held against the labels of hosts and targets.
  std::string kept = kept_words("the inventory keeps", parts_.inventory.reload());
  kept += kept_words("the lists of targets keep", parts_.targets.reload());
  const absl::StatusOr<std::string> config = check_config_file(parts_.config);
  const absl::Status status = config.ok() ? replace() : config.status();
  parts_.metrics.note_reload(status.ok());
  if (!status.ok()) {
    log_error("reload refused; the old policy and web configuration stay",
              {{"error", std::string(status.message())}});
    return absl::Status(status.code(),
                        fmt::format("refused, the old policy and web configuration stay: {}{}",
                                    std::string(status.message()), kept));
  }
  log_info("reloaded policy and web configuration",
           {{"controls", parts_.fleet.policy()->controls.size()}});
  if (kept.empty()) return *config;
  const std::string restart = config->empty() ? "" : "\n" + *config;
  return absl::InvalidArgumentError(fmt::format(
      "policy and web configuration are reloaded, but not all lists:{}{}", kept, restart));
}

absl::Status Reload::replace() {
  absl::StatusOr<LoadedPolicy> policy =
      load_policy_for(parts_.fleet, parts_.config.policy, &parts_.targets.fleet().entities());
  if (!policy.ok()) return policy.status();
  absl::StatusOr<WebSettings> settings = parts_.load_web();
  if (!settings.ok()) return settings.status();
  if (absl::Status status = parts_.replace_web(*std::move(settings)); !status.ok()) return status;
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
