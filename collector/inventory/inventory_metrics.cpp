#include "collector/inventory/inventory_metrics.h"

#include <algorithm>

namespace muster::collector {
InventoryMetrics::InventoryMetrics(prometheus::Registry& registry)
    : sources_{.last_success =
                   add_gauges(registry, "muster_inventory_last_success_timestamp_seconds",
                              "When a source of the inventory was last loaded; 0 if it never was."),
               .last_load_successful = add_gauges(
                   registry, "muster_inventory_last_load_successful",
                   "1 if the last load of a source succeeded; 0: what it said before still holds."),
               .entries = add_gauges(registry, "muster_inventory_hosts",
                                     "Hosts that a source of the inventory lists.")},
      missing_(add_gauges(registry, "muster_inventory_hosts_missing",
                          "Hosts that the inventory lists and that are not enrolled.")
                   .Add({})),
      unlisted_(
          add_gauges(registry, "muster_inventory_hosts_unlisted",
                     "Enrolled hosts that the inventory does not list; 0 without an inventory.")
              .Add({})) {}

void InventoryMetrics::compare(size_t listed, size_t enrolled, size_t both) {
  // They are counted one after the other, while hosts come and go.
  missing_.Set(static_cast<double>(listed - std::min(listed, both)));
  unlisted_.Set(static_cast<double>(enrolled - std::min(enrolled, both)));
}

}  // namespace muster::collector
