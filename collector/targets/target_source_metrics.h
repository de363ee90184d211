// The metrics of the sources of targets, in prometheus-cpp's registry. Any thread.
#pragma once

#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/registry.h>

#include <string>

#include "collector/sources/source_gauges.h"

namespace muster::collector {

class TargetSourceMetrics {
 public:
  // The registry outlives the object.
  explicit TargetSourceMetrics(prometheus::Registry& registry);

  // Of one source; its gauges are there from the first call.
  SourceGauges source(const std::string& name);
  // Targets of it that another source lists before it, or that are too many.
  prometheus::Gauge& left_out(const std::string& name);

 private:
  SourceFamilies families_;
  prometheus::Family<prometheus::Gauge>& left_out_;
};

}  // namespace muster::collector
