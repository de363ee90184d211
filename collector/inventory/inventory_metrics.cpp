#include "collector/inventory/inventory_metrics.h"

#include <algorithm>

namespace muster::collector {
namespace {

prometheus::Family<prometheus::Gauge>& add_family(prometheus::Registry& registry, const char* name,
                                                  const char* help) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(registry);
}

}  // namespace

InventoryMetrics::InventoryMetrics(prometheus::Registry& registry)
    : last_success_(
          add_family(registry, "muster_inventory_last_success_timestamp_seconds",
                     "When a source of the inventory was last loaded; 0 if it never was.")),
      last_load_successful_(add_family(
          registry, "muster_inventory_last_load_successful",
          "1 if the last load of a source succeeded; 0: what it said before still holds.")),
      hosts_(add_family(registry, "muster_inventory_hosts",
                        "Hosts that a source of the inventory lists.")),
      missing_(add_family(registry, "muster_inventory_hosts_missing",
                          "Hosts that the inventory lists and that are not enrolled.")
                   .Add({})),
      unlisted_(
          add_family(registry, "muster_inventory_hosts_unlisted",
                     "Enrolled hosts that the inventory does not list; 0 without an inventory.")
              .Add({})) {}

InventoryMetrics::Source InventoryMetrics::source(const std::string& name) {
  const prometheus::Labels labels = {{"source", name}};
  return {.last_success = last_success_.Add(labels),
          .last_load_successful = last_load_successful_.Add(labels),
          .hosts = hosts_.Add(labels)};
}

void InventoryMetrics::compare(size_t listed, size_t enrolled, size_t both) {
  // They are counted one after the other, while hosts come and go.
  missing_.Set(static_cast<double>(listed - std::min(listed, both)));
  unlisted_.Set(static_cast<double>(enrolled - std::min(enrolled, both)));
}

}  // namespace muster::collector
