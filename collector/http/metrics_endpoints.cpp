// What Prometheus reads: the exposition, whole or of one host, and the list of targets.
#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <chrono>
#include <iterator>

#include "collector/http/endpoint_state.h"
#include "collector/http/error_response.h"
#include "collector/http/negotiation.h"
#include "collector/http/self_metrics.h"

namespace muster::collector::http {
namespace {

using exposition::Format;

// For what ends an exposition: a text of many megabytes must not move for it.
constexpr size_t kEndRoom = 64;

Format format_for(const Request& request) {
  const auto accept = request.headers.find("accept");
  return accept != request.headers.end() && prefers_openmetrics(accept->second)
             ? Format::kOpenMetrics
             : Format::kPrometheusText;
}

// Prometheus 3 fails a scrape whose content type is not exactly one it knows.
Response exposition_response(std::string text, Format format) {
  Response response;
  response.headers.emplace_back("Vary", "Accept");
  response.body = std::move(text);
  if (format == Format::kOpenMetrics) {
    response.content_type = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    response.body += "# EOF\n";
  } else {
    response.content_type = "text/plain; version=0.0.4; charset=utf-8";
  }
  return response;
}

// Of the collector, the policy and the fleet as a whole.
std::string render_own_metrics(const EndpointContext& context, Format format) {
  std::vector<prometheus::MetricFamily> families = context.registry.Collect();
  if (context.policy_metrics != nullptr) {
    std::vector<prometheus::MetricFamily> more = context.policy_metrics->Collect();
    std::move(more.begin(), more.end(), std::back_inserter(families));
  }
  return render_self_metrics(families, format);
}

Response make_fleet_exposition(EndpointState& state, Format format) {
  const auto begin = std::chrono::steady_clock::now();
  const std::string own = render_own_metrics(state.context, format);
  std::vector<exposition::JoinedFamilies> joined;
  joined.push_back(state.context.fleet.join_metrics(format));
  const TargetFleet* const targets = state.context.targets;
  if (targets != nullptr) joined.push_back(targets->entities().join_metrics(format));
  std::string text = joined.front().take_all(joined.back().most() + own.size() + kEndRoom);
  if (targets != nullptr) joined.back().append_some(text, joined.back().most());
  text += own;
  const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - begin;
  state.scrape_duration.Set(passed.count());
  return exposition_response(std::move(text), format);
}

Response make_target_exposition(const EndpointState& state, Format format) {
  const TargetFleet* const targets = state.context.targets;
  std::string text;
  if (targets != nullptr) text = targets->entities().join_metrics(format).take_all(kEndRoom);
  return exposition_response(std::move(text), format);
}

Response make_host_exposition(const Call& call) {
  const Format format = format_for(call.request);
  const EndpointContext& context = call.state.context;
  const auto& [parameter, name] = call.request.query.front();
  absl::StatusOr<std::string> text = absl::NotFoundError("there are no targets here");
  if (parameter == "host") {
    text = context.fleet.render_host_metrics(name, format);
  } else if (context.targets != nullptr) {
    text = context.targets->entities().render_host_metrics(name, format);
  }
  if (!text.ok()) return error_response(text.status());
  return exposition_response(*std::move(text), format);
}

// A label's name may hold what Prometheus's may not.
std::string meta_label(std::string_view name) {
  std::string label = "__meta_muster_label_";
  for (const char c : name) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    label += plain ? c : '_';
  }
  return label;
}

// https://prometheus.io/docs/prometheus/latest/http_sd/
Response make_scrape_targets(const Call& call) {
  const EndpointContext& context = call.state.context;
  google::protobuf::ListValue groups;
  const v1::HostList hosts = context.fleet.list_hosts();
  for (const v1::HostSummary& host : hosts.hosts()) {
    auto& group = *groups.add_values()->mutable_struct_value()->mutable_fields();
    group["targets"].mutable_list_value()->add_values()->set_string_value(
        context.advertised_address);
    auto& labels = *group["labels"].mutable_struct_value()->mutable_fields();
    labels["__scheme__"].set_string_value(context.tls ? "https" : "http");
    labels["__metrics_path__"].set_string_value("/metrics");
    labels["__param_host"].set_string_value(host.name());
    // All targets have the collector's address: this tells them apart. It is not `host`, since a
    // label that target and sample have in common becomes exported_host.
    labels["instance"].set_string_value(host.name());
    labels["__meta_muster_host"].set_string_value(host.name());
    labels["__meta_muster_host_id"].set_string_value(host.id());
    for (const auto& [name, value] : host.labels()) {
      labels[meta_label(name)].set_string_value(value);
    }
  }
  return json_response(groups);
}

}  // namespace

void get_metrics(Call&& call) {
  if (!call.request.query.empty()) return answer_later(std::move(call), make_host_exposition);
  EndpointState& state = call.state;
  const Format format = format_for(call.request);
  SharedAnswer& answer =
      format == Format::kOpenMetrics ? state.fleet_openmetrics : state.fleet_text;
  answer.ask(std::move(call.respond),
             [&state, format] { return make_fleet_exposition(state, format); });
}

void get_self_metrics(Call&& call) {
  // It may have thousands of series: how each site complies with each control.
  answer_later(std::move(call), [](Call& later) {
    const Format format = format_for(later.request);
    return exposition_response(render_own_metrics(later.state.context, format), format);
  });
}

void get_target_metrics(Call&& call) {
  EndpointState& state = call.state;
  const Format format = format_for(call.request);
  SharedAnswer& answer =
      format == Format::kOpenMetrics ? state.targets_openmetrics : state.targets_text;
  answer.ask(std::move(call.respond),
             [&state, format] { return make_target_exposition(state, format); });
}

void get_sd_hosts(Call&& call) {
  answer_later(std::move(call), make_scrape_targets);
}

}  // namespace muster::collector::http
