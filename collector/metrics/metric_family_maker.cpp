#include "collector/metrics/metric_family_maker.h"

#include <utility>

namespace muster::collector {

MetricFamilyMaker::MetricFamilyMaker(const char* name, const char* help) {
  family_.name = name;
  family_.help = help;
  family_.type = prometheus::MetricType::Gauge;
}

void MetricFamilyMaker::add(exposition::Labels labels, double value) {
  std::vector<prometheus::ClientMetric::Label> shown;
  std::vector<std::string> values;
  for (const auto& [name, text] : labels) {
    values.push_back(exposition::shown_value(text));
    shown.push_back({std::string(name), values.back()});
  }
  if (!known_.insert(std::move(values)).second) return;
  prometheus::ClientMetric& metric = family_.metric.emplace_back();
  metric.label = std::move(shown);
  metric.gauge.value = value;
}

}  // namespace muster::collector
