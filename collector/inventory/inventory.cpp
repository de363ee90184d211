#include "collector/inventory/inventory.h"

namespace muster::collector {

const Labels* Inventory::find(std::string_view host) const {
  const auto entry = hosts_.find(host);
  return entry == hosts_.end() ? nullptr : &entry->second;
}

void Inventory::put_over(const Inventory& other) {
  for (const auto& [host, labels] : other.hosts_) {
    Labels& held = hosts_[host];
    for (const auto& [name, value] : labels)
      held.insert_or_assign(name, value);
  }
}

Labels effective_labels(const Labels& of_token, const Inventory& inventory, std::string_view host) {
  Labels labels = of_token;
  if (const Labels* const listed = inventory.find(host)) {
    for (const auto& [name, value] : *listed)
      labels.insert_or_assign(name, value);
  }
  return labels;
}

}  // namespace muster::collector
