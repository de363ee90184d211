// What operators and other programs read: hosts, their verdicts and facts, the policy.
#include <utility>

#include "collector/http/endpoint_state.h"
#include "collector/http/error_response.h"

namespace muster::collector::http {
namespace {

Response make_hosts(const Call& call) {
  return json_response(call.state.context.fleet.list_hosts());
}

Response make_host(const Call& call) {
  const absl::StatusOr<v1::HostDetail> detail = call.state.context.fleet.host_detail(call.name);
  return detail.ok() ? json_response(*detail) : error_response(detail.status());
}

// The same message, without the facts.
Response make_host_verdicts(const Call& call) {
  absl::StatusOr<v1::HostDetail> detail = call.state.context.fleet.host_detail(call.name);
  if (!detail.ok()) return error_response(detail.status());
  detail->clear_sections();
  return json_response(*detail);
}

Response make_host_updates(const Call& call) {
  const absl::StatusOr<v1::HostUpdates> updates = call.state.context.fleet.host_updates(call.name);
  return updates.ok() ? json_response(*updates) : error_response(updates.status());
}

Response make_inventory(const Call& call) {
  const EndpointContext& context = call.state.context;
  v1::InventoryStatus status;
  if (context.inventory_sources) {
    for (v1::InventorySource& source : context.inventory_sources())
      *status.add_sources() = std::move(source);
  }
  const std::shared_ptr<const Inventory> inventory = context.fleet.inventory();
  InventoryGaps gaps = context.fleet.compare_with(*inventory);
  status.set_hosts(static_cast<uint32_t>(inventory->hosts().size()));
  for (std::string& name : gaps.missing) {
    v1::ListedHost& host = *status.add_missing();
    const Labels& labels = *inventory->find(name);
    host.mutable_labels()->insert(labels.begin(), labels.end());
    host.set_name(std::move(name));
  }
  if (status.sources_size() > 0) {
    status.mutable_unlisted()->Assign(gaps.unlisted.begin(), gaps.unlisted.end());
  }
  return json_response(status);
}

}  // namespace

void get_hosts(Call&& call) {
  answer_later(std::move(call), make_hosts);
}
void get_inventory(Call&& call) {
  answer_later(std::move(call), make_inventory);
}
void get_host(Call&& call) {
  answer_later(std::move(call), make_host);
}
void get_host_verdicts(Call&& call) {
  answer_later(std::move(call), make_host_verdicts);
}
void get_host_updates(Call&& call) {
  answer_later(std::move(call), make_host_updates);
}
void get_updates(Call&& call) {
  EndpointState& state = call.state;
  state.updates.ask(std::move(call.respond),
                    [&state] { return json_response(state.context.fleet.list_updates()); });
}

// As it was written, with its comments: what an operator compares with a file.
void get_policy(Call&& call) {
  Response response;
  response.content_type = "application/yaml; charset=utf-8";
  response.body = call.state.context.policy_text();
  call.respond(std::move(response));
}

}  // namespace muster::collector::http
