// The metrics of the inventory, in prometheus-cpp's registry. Any thread.
#pragma once

#include <prometheus/gauge.h>
#include <prometheus/registry.h>

#include <string>

#include "collector/sources/source_gauges.h"

namespace muster::collector {

class InventoryMetrics {
 public:
  // The registry outlives the object.
  explicit InventoryMetrics(prometheus::Registry& registry);

  SourceGauges source(const std::string& name) { return sources_.source(name); }

  // How many hosts the inventory lists, how many are enrolled, and how many are both.
  void compare(size_t listed, size_t enrolled, size_t both);

 private:
  SourceFamilies sources_;
  prometheus::Gauge& missing_;
  prometheus::Gauge& unlisted_;
};

}  // namespace muster::collector
