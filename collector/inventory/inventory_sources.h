// All sources of the inventory, and the one table that they make together: see
// collector/sources/list_sources.h. Where two sources name a host, the later's labels win one by
// one.
#pragma once

#include <absl/status/status.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "collector/inventory/inventory_metrics.h"
#include "collector/inventory/inventory_source.h"
#include "collector/sources/list_sources.h"
#include "common/clock.h"
#include "muster/v1/fleet.pb.h"

namespace muster::collector {

class InventorySources {
 public:
  // Takes the table; must not call the sources.
  using Publish = std::function<void(std::shared_ptr<const Inventory>)>;

  // `clock` and `metrics` outlive it; without a collector that runs these are null, and nothing is
  // kept on disk or logged.
  InventorySources(const std::vector<InventorySource>& sources, const std::string& state_directory,
                   const Clock& clock, InventoryMetrics* metrics, const Publish& publish);

  void load() { sources_.load(); }
  void start() { sources_.start(); }
  absl::Status reload() { return sources_.reload(); }
  void stop() { sources_.stop(); }

  bool empty() const { return sources_.empty(); }
  std::vector<v1::InventorySource> describe() const;

 private:
  ListSources<Inventory> sources_;
};

// Removes what is held of sources that are not configured any more, and what a kill left beside
// the others.
void remove_other_inventories(const std::string& state_directory,
                              const std::vector<InventorySource>& sources);

}  // namespace muster::collector
