// The metrics of the inventory, in prometheus-cpp's registry. Any thread.
#pragma once

#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/registry.h>

#include <string>

namespace muster::collector {

class InventoryMetrics {
 public:
  // The registry outlives the object.
  explicit InventoryMetrics(prometheus::Registry& registry);

  // Of one source; its gauges are there from the first call.
  struct Source {
    prometheus::Gauge& last_success;
    prometheus::Gauge& last_load_successful;
    prometheus::Gauge& hosts;
  };
  Source source(const std::string& name);

  // How many hosts the inventory lists, how many are enrolled, and how many are both.
  void compare(size_t listed, size_t enrolled, size_t both);

 private:
  prometheus::Family<prometheus::Gauge>& last_success_;
  prometheus::Family<prometheus::Gauge>& last_load_successful_;
  prometheus::Family<prometheus::Gauge>& hosts_;
  prometheus::Gauge& missing_;
  prometheus::Gauge& unlisted_;
};

}  // namespace muster::collector
