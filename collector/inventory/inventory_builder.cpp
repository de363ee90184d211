#include "collector/inventory/inventory_builder.h"

#include <fmt/format.h>

#include "collector/identity/host_name.h"

namespace muster::collector {

absl::Status InventoryBuilder::add(std::string_view host, Labels labels) {
  if (absl::Status status = check_host_name(host); !status.ok()) return status;
  if (absl::Status status = check_labels(labels, fmt::format("a host ({})", host)); !status.ok()) {
    return status;
  }
  const auto held = hosts_.find(host);
  if (held != hosts_.end()) {
    if (held->second == labels) return absl::OkStatus();
    return absl::InvalidArgumentError(
        fmt::format("the host {} is named twice, with different labels: keep one of them", host));
  }
  if (hosts_.size() == kMostListedHosts) {
    return absl::InvalidArgumentError(fmt::format("more than {} hosts", kMostListedHosts));
  }
  hosts_.emplace(host, std::move(labels));
  return absl::OkStatus();
}

}  // namespace muster::collector
