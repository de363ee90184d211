// The labels of hosts, and how the inventory compares with who is there.
#include <utility>

#include "collector/fleet/fleet.h"
#include "collector/fleet/fleet_host.h"

namespace muster::collector {

void Fleet::set_inventory(std::shared_ptr<const Inventory> inventory) {
  {
    const std::lock_guard guard(inventory_mutex_);
    inventory_ = std::move(inventory);
  }
  // Who comes or is renamed from here on takes the new one's labels by itself.
  visit_hosts_in_parallel(kJudgedAtOnce, [this](Host& host) {
    if (relabel(host)) judge_relabelled(host);
  });
}

std::shared_ptr<const Inventory> Fleet::inventory() const {
  const std::lock_guard guard(inventory_mutex_);
  return inventory_;
}

InventoryGaps Fleet::compare_with(const Inventory& inventory) const {
  InventoryGaps gaps;
  const std::lock_guard guard(names_mutex_);
  for (const auto& [name, labels] : inventory.hosts()) {
    if (!names_.contains(name)) gaps.missing.push_back(name);
  }
  for (const auto& [name, host] : names_) {
    if (inventory.find(name) == nullptr) gaps.unlisted.push_back(name);
  }
  return gaps;
}

bool Fleet::relabel(Host& host) {
  const std::shared_ptr<const Inventory> inventory = this->inventory();
  const bool listed = inventory->find(host.record.name) != nullptr;
  if (listed && !host.listed) ++listed_count_;
  if (!listed && host.listed) --listed_count_;
  host.listed = listed;
  Labels labels = effective_labels(host.record.labels, *inventory, host.record.name);
  if (labels == host.labels) return false;
  forget_compliance(host);
  host.labels = std::move(labels);
  host.traits_changed = true;
  return true;
}

void Fleet::judge_relabelled(Host& host) {
  // Its metrics show the labels.
  host.rendered.settled.reset();
  judge(host, clock_.now(), {});
}

}  // namespace muster::collector
