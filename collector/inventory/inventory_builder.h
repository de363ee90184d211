// Collects the hosts that a source names, and checks each: what no host or label can be is refused
// here, whatever the source's format. One thread.
#pragma once

#include <absl/status/status.h>

#include <string_view>
#include <utility>

#include "collector/inventory/inventory.h"

namespace muster::collector {

// Of one source.
inline constexpr size_t kMostListedHosts = 200'000;

class InventoryBuilder {
 public:
  // InvalidArgument: the name cannot be a host's, a label is none, there are too many of either, or
  // the host was added before with other labels.
  absl::Status add(std::string_view host, Labels labels);
  Inventory take() { return Inventory(std::move(hosts_)); }

 private:
  Inventory::Hosts hosts_;
};

}  // namespace muster::collector
