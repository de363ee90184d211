#include "collector/admin/verbs.h"

#include <fmt/format.h>
#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <cstdio>
#include <functional>
#include <utility>

#include "collector/admin/ask.h"
#include "collector/admin/channel.h"
#include "collector/admin/tables.h"
#include "collector/admin/target_tables.h"
#include "collector/admin/update_tables.h"
#include "common/policy/policy_file.h"
#include "common/policy/status.h"
#include "muster/v1/fleet.pb.h"

namespace muster::collector {

namespace json = google::protobuf::util;
int fail(const absl::Status& status) {
  fmt::print(stderr, "error: {}\n", std::string(status.message()));
  return 1;
}

int create_token(const Config& config, const Clock& clock, const TokenRequest& request,
                 const Presentation& presentation) {
  v1::CreateTokenRequest wanted;
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(request.ttl).count();
  wanted.set_lifetime_seconds(static_cast<uint32_t>(seconds));
  wanted.set_uses(request.uses);
  wanted.mutable_labels()->insert(request.labels.begin(), request.labels.end());
  wanted.set_host(request.host);
  std::string body;
  if (!json::MessageToJsonString(wanted, &body).ok()) {
    return fail(absl::InvalidArgumentError("a label is not valid UTF-8"));
  }
  return ask(config, clock, "POST", "/admin/v1/token", body, presentation, token_text);
}

int list_tokens(const Config& config, const Clock& clock, const Presentation& presentation) {
  return ask(config, clock, "GET", "/admin/v1/token", "", presentation, token_table);
}

int list_hosts(const Config& config, const Clock& clock, const Presentation& presentation) {
  return ask(config, clock, "GET", "/admin/v1/hosts", "", presentation, host_table);
}

int list_missing_hosts(const Config& config, const Clock& clock, const Presentation& presentation) {
  return ask(config, clock, "GET", "/admin/v1/inventory", "", presentation, missing_hosts_text);
}

int show_host(const Config& config, const Clock& clock, const std::string& name,
              const Presentation& presentation) {
  return ask(config, clock, "GET", "/admin/v1/hosts/" + name, "", presentation, host_text);
}

int show_host_updates(const Config& config, const Clock& clock, const std::string& name,
                      const Presentation& presentation) {
  return ask(config, clock, "GET", fmt::format("/admin/v1/hosts/{}/updates", name), "",
             presentation, host_updates_text);
}

int list_updates(const Config& config, const Clock& clock, const UpdateChoice& choice,
                 const Presentation& presentation) {
  const auto is_chosen = [&choice](const v1::FleetUpdate& update) {
    if (choice.security && update.security() == v1::SECURITY_NO) return false;
    return choice.manager.empty() || update.manager() == choice.manager;
  };
  return ask_for_some<v1::UpdateList>(
      config, clock, "/admin/v1/updates", presentation,
      [&is_chosen, &choice](v1::UpdateList& list) {
        auto& updates = *list.mutable_updates();
        // What the collector left out stays counted.
        const int all = updates.size();
        updates.erase(std::remove_if(updates.begin(), updates.end(), std::not_fn(is_chosen)),
                      updates.end());
        list.set_update_count(list.update_count() - static_cast<uint32_t>(all - updates.size()));
        if (!choice.manager.empty()) keep_manager(choice.manager, list);
      },
      choice.security || !choice.manager.empty() ? chosen_update_list_text : update_list_text);
}

int list_targets(const Config& config, const Clock& clock, const TargetChoice& choice,
                 const Presentation& presentation) {
  const auto is_chosen = [&choice](const v1::TargetSummary& target) {
    if (choice.missing && !target.looked_at_by().empty() && target.note().empty()) return false;
    return choice.status.empty() || policy::status_name(target.status()) == choice.status;
  };
  return ask_for_some<v1::TargetList>(
      config, clock, "/admin/v1/targets", presentation,
      [&is_chosen](v1::TargetList& list) {
        auto& targets = *list.mutable_targets();
        targets.erase(std::remove_if(targets.begin(), targets.end(), std::not_fn(is_chosen)),
                      targets.end());
      },
      choice.missing          ? missing_targets_text
      : choice.status.empty() ? target_table
                              : chosen_target_table);
}

int show_target(const Config& config, const Clock& clock, const std::string& name,
                const Presentation& presentation) {
  return ask(config, clock, "GET", "/admin/v1/targets/" + name, "", presentation, target_text);
}

int show_policy(const Config& config, const Clock& clock) {
  Channel channel(config, clock);
  const absl::StatusOr<std::string> answer = channel.request("GET", "/admin/v1/policy", "");
  if (!answer.ok()) return fail(answer.status());
  print(*answer);
  return 0;
}

int show_default_policy() {
  print(policy::default_policy_text());
  return 0;
}

}  // namespace muster::collector
