#include "collector/http/endpoints.h"

#include <memory>

#include "collector/http/access.h"
#include "collector/http/address.h"
#include "collector/http/endpoint_state.h"
#include "collector/http/error_response.h"
#include "common/log.h"

namespace muster::collector::http {
namespace {

constexpr Route kRoutes[] = {
    {"GET", "/", "", Access::kOperator, false, get_index, ""},
    {"GET", "/metrics", "host|target", Access::kOperator, true, get_metrics,
     "the fleet's metrics and the collector's own, or one host's or target's"},
    {"GET", "/metrics/self", "", Access::kOperator, false, get_self_metrics,
     "the collector's own metrics"},
    {"GET", "/metrics/targets", "", Access::kOperator, true, get_target_metrics,
     "the metrics of all targets"},
    {"GET", "/sd/hosts", "", Access::kOperator, true, get_sd_hosts,
     "a scrape target for each host (Prometheus http_sd)"},
    {"GET", "/sd/targets", "", Access::kOperator, true, get_sd_targets,
     "the listed targets (Prometheus http_sd)"},
    {"GET", "/api/v1/hosts", "", Access::kOperator, true, get_hosts, "every host, in short"},
    {"GET", "/api/v1/hosts/{name}", "", Access::kOperator, true, get_host,
     "a host's verdicts and facts"},
    {"GET", "/api/v1/hosts/{name}/verdicts", "", Access::kOperator, true, get_host_verdicts,
     "a host's verdicts"},
    {"GET", "/api/v1/hosts/{name}/updates", "", Access::kOperator, true, get_host_updates,
     "the updates that wait on a host"},
    {"GET", "/api/v1/updates", "", Access::kOperator, true, get_updates,
     "which update is missing on how many hosts"},
    {"GET", "/api/v1/expiry", kAnyParameters, Access::kOperator, true, get_expiry,
     "everything that ends: within, after, kind, owner, label, format"},
    {"GET", "/api/v1/expiry.ics", kAnyParameters, Access::kOperator, true, get_expiry_calendar,
     "the same as an iCalendar"},
    {"GET", "/api/v1/expiry.csv", kAnyParameters, Access::kOperator, true, get_expiry_csv,
     "the same for a spreadsheet"},
    {"GET", "/api/v1/targets", "", Access::kOperator, true, get_targets, "every target, in short"},
    {"GET", "/api/v1/targets/{rest}", "", Access::kOperator, true, get_target,
     "a target's verdicts and facts"},
    {"GET", "/api/v1/inventory", "", Access::kOperator, true, get_inventory,
     "the inventory's sources, and hosts that are missing"},
    {"GET", "/api/v1/policy", "", Access::kOperator, false, get_policy, "the policy in force"},
    {"POST", "/api/v1/enroll", "", Access::kAnybody, true, post_enrol,
     "where an agent joins with a token"},
    {"POST", "/api/v1/reenroll", "", Access::kAnybody, true, post_reenrol,
     "where an agent whose certificate has ended gets another"},
    {"GET", "/runbooks", "", Access::kAnybody, false, get_runbooks, "what to do about each alert"},
    {"GET", "/runbooks/{name}", "", Access::kAnybody, false, get_runbook, ""},
    {"GET", "/-/healthy", "", Access::kAnybody, false, get_healthy, "whether the collector runs"},
    {"GET", "/-/ready", "", Access::kAnybody, false, get_ready, "whether it has loaded its store"},
    {"POST", "/-/reload", "", Access::kOperator, false, post_reload,
     "read policy and certificates again"},
    {"PUT", "/-/reload", "", Access::kOperator, false, post_reload, ""},
    // The verbs of muster-collector. Last: the HTTPS port has all but these.
    {"POST", "/admin/v1/token", "", Access::kAdministrator, true, post_token, "make a join token"},
    {"GET", "/admin/v1/token", "", Access::kAdministrator, true, get_tokens, "the join tokens"},
    {"GET", "/admin/v1/hosts", "", Access::kAdministrator, true, get_hosts, ""},
    {"GET", "/admin/v1/hosts/{name}", "", Access::kAdministrator, true, get_host, ""},
    {"GET", "/admin/v1/hosts/{name}/updates", "", Access::kAdministrator, true, get_host_updates,
     ""},
    {"GET", "/admin/v1/updates", "", Access::kAdministrator, true, get_updates, ""},
    {"POST", "/admin/v1/token/{name}/revoke", "", Access::kAdministrator, true, post_token_revoke,
     ""},
    {"POST", "/admin/v1/hosts/{name}/revoke", "", Access::kAdministrator, true, post_host_revoke,
     ""},
    {"POST", "/admin/v1/hosts/{name}/release", "", Access::kAdministrator, true, post_host_release,
     ""},
    {"POST", "/admin/v1/hosts/{name}/rename", "", Access::kAdministrator, true, post_host_rename,
     ""},
    {"POST", "/admin/v1/hosts/{name}/remove", "", Access::kAdministrator, true, post_host_remove,
     ""},
    {"GET", "/admin/v1/expiry", kAnyParameters, Access::kAdministrator, true, get_expiry, ""},
    {"GET", "/admin/v1/targets", "", Access::kAdministrator, true, get_targets, ""},
    {"GET", "/admin/v1/targets/{rest}", "", Access::kAdministrator, true, get_target, ""},
    {"GET", "/admin/v1/inventory", "", Access::kAdministrator, true, get_inventory, ""},
    {"GET", "/admin/v1/policy", "", Access::kAdministrator, false, get_policy, ""},
    {"POST", "/admin/v1/policy/preview", "", Access::kAdministrator, true, post_policy_preview,
     "what another policy would change"},
    {"POST", "/admin/v1/explain", "", Access::kAdministrator, true, post_explain,
     "why a host stands with a control as it does"},
    {"GET", "/admin/v1/ca", "", Access::kAdministrator, true, get_ca, "the collector's CAs"},
    {"POST", "/admin/v1/ca/prepare", "", Access::kAdministrator, true, post_ca_prepare, ""},
    {"POST", "/admin/v1/ca/activate", "", Access::kAdministrator, true, post_ca_activate, ""},
    {"POST", "/admin/v1/ca/retire", "", Access::kAdministrator, true, post_ca_retire, ""},
    {"POST", "/admin/v1/backup", "", Access::kAdministrator, true, post_backup, ""},
};
constexpr size_t kAdministrationRoutes = 23;

void run_route(Call&& call) {
  const RouteMatch match = find_route(call.state.routes, call.request.method, call.request.path);
  // It would make one segment two, or of a name a part of the path.
  if (call.request.encoded_slash < match.rest) {
    return call.respond(error_response(400, "the URL's path has an encoded \"/\""));
  }
  if (match.any_method == nullptr) {
    return call.respond(error_response(404, "there is no such page; GET / lists what there is"));
  }
  if (match.route == nullptr) {
    Response response = error_response(405, "this page does not take this method");
    response.headers.emplace_back("Allow", allowed_methods(call.state.routes, call.request.path));
    return call.respond(std::move(response));
  }
  const Route& route = *match.route;
  const bool query_fits =
      call.request.query.empty() || route.parameter == kAnyParameters ||
      (call.request.query.size() == 1 && takes_parameter(route, call.request.query.front().first));
  if (!query_fits) {
    return call.respond(error_response(
        400, route.parameter.empty()
                 ? "this page takes no parameters"
                 : "this page takes one parameter: " + std::string(route.parameter)));
  }
  if (route.needs_fleet && !call.state.context.ready()) {
    return call.respond(error_response(
        absl::UnavailableError("the collector loads its store or stops; try again")));
  }
  call.name = match.name;
  route.run(std::move(call));
}

void answer_to_authentication(Call&& call, BasicAuth::Answer answer) {
  if (answer == BasicAuth::Answer::kGranted) return run_route(std::move(call));
  const auto& refused = call.state.context.refused;
  Response response;
  if (answer == BasicAuth::Answer::kThrottled) {
    if (refused) refused(Refused::kThrottled);
    response = error_response(429, "too many wrong passwords; try again in a minute");
    response.headers.emplace_back("Retry-After", "60");
  } else {
    response = error_response(401, "this page wants a user and a password (basic_auth_users)");
    response.headers.emplace_back("WWW-Authenticate", "Basic realm=\"muster\", charset=\"UTF-8\"");
    if (call.request.headers.contains("authorization")) {
      if (refused) refused(Refused::kPassword);
      log_warning("wrong user or password", {{"peer", call.request.peer}});
    }
  }
  call.respond(std::move(response));
}

void authorize(Call&& call) {
  const RouteMatch match = find_route(call.state.routes, call.request.method, call.request.path);
  const bool is_open = match.any_method != nullptr && match.any_method->access == Access::kAnybody;
  if (is_open || call.request.from_administration_socket) return run_route(std::move(call));
  BasicAuth& auth = call.state.auth;
  if (!auth.has_users()) {
    if (is_local(call.request)) return run_route(std::move(call));
    return call.respond(error_response(
        403,
        "without users this page answers only on the collector's own machine (loopback); configure "
        "basic_auth_users in the collector's web configuration to read it from elsewhere"));
  }
  const auto header = call.request.headers.find("authorization");
  const std::string authorization =
      header == call.request.headers.end() ? std::string() : header->second;
  const std::string address = address_block(call.request.peer);
  // Shared, since what a std::function holds must be copyable.
  const auto shared = std::make_shared<Call>(std::move(call));
  auth.check(authorization, address, [shared](BasicAuth::Answer answer) {
    answer_to_authentication(std::move(*shared), answer);
  });
}

}  // namespace

Handler make_endpoints(EndpointContext& context) {
  const std::span<const Route> routes(kRoutes, std::size(kRoutes) - kAdministrationRoutes);
  // Shared, since a std::function must be copyable.
  const auto state = std::make_shared<EndpointState>(context, routes);
  return [state](Request request, Respond respond) {
    authorize(Call{*state, std::move(request), "", std::move(respond)});
  };
}

Handler make_administration_endpoints(EndpointContext& context) {
  const auto state = std::make_shared<EndpointState>(context, std::span<const Route>(kRoutes));
  return [state](Request request, Respond respond) {
    Call call{*state, std::move(request), "", std::move(respond)};
    if (!call.request.from_administration_socket) {
      return call.respond(error_response(403, "these pages answer on the Unix socket only"));
    }
    run_route(std::move(call));
  };
}

}  // namespace muster::collector::http
