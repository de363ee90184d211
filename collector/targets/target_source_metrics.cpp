#include "collector/targets/target_source_metrics.h"

namespace muster::collector {

TargetSourceMetrics::TargetSourceMetrics(prometheus::Registry& registry)
    : families_{.last_success =
                    add_gauges(registry, "muster_target_source_last_success_timestamp_seconds",
                               "When a source of targets was last loaded; 0 if it never was."),
                .last_load_successful = add_gauges(
                    registry, "muster_target_source_last_load_successful",
                    "1 if the last load of a source succeeded; 0: what it said before still "
                    "holds."),
                .entries = add_gauges(registry, "muster_target_source_targets",
                                      "Targets that a source lists.")},
      left_out_(add_gauges(registry, "muster_target_source_targets_left_out",
                           "Targets of a source that nobody looks at, as a source before it lists "
                           "their names, or as there are too many.")) {}

SourceGauges TargetSourceMetrics::source(const std::string& name) {
  return families_.source(name);
}

prometheus::Gauge& TargetSourceMetrics::left_out(const std::string& name) {
  return left_out_.Add({{"source", name}});
}

}  // namespace muster::collector
