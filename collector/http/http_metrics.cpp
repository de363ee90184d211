#include "collector/http/http_metrics.h"

#include <array>
#include <utility>

namespace muster::collector::http {
namespace {

constexpr std::array<std::pair<Refused, const char*>, 9> kReasons = {{
    {Refused::kAddressShare, "address_share"},
    {Refused::kConnections, "connections"},
    {Refused::kDisplaced, "displaced"},
    {Refused::kTimeout, "timeout"},
    {Refused::kBadRequest, "bad_request"},
    {Refused::kTooLarge, "too_large"},
    {Refused::kSlowReader, "slow_reader"},
    {Refused::kPassword, "password"},
    {Refused::kThrottled, "throttled"},
}};

}  // namespace

HttpMetrics::HttpMetrics(prometheus::Registry& registry)
    : connections_(prometheus::BuildGauge()
                       .Name("muster_collector_http_connections")
                       .Help("Connections that are open on the HTTPS port.")
                       .Register(registry)
                       .Add({})) {
  auto& family = prometheus::BuildCounter()
                     .Name("muster_collector_http_refused_total")
                     .Help("Connections and requests that HTTP turned away, by reason.")
                     .Register(registry);
  for (const auto& [reason, name] : kReasons)
    refused_[reason] = &family.Add({{"reason", name}});
}

void HttpMetrics::count(Refused why) {
  refused_.at(why)->Increment();
}

}  // namespace muster::collector::http
