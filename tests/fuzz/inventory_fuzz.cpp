// Any bytes as an inventory, in the format that the first one says: what is taken is what a host
// and a label can be, and a complaint says its place and can be printed.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "collector/identity/host_name.h"
#include "collector/inventory/inventory_builder.h"
#include "collector/inventory/inventory_text.h"
#include "common/text.h"

namespace {

using namespace muster::collector;

InventoryFormat format_of(uint8_t letter) {
  if (letter == 'c') return InventoryFormat::kCsv;
  if (letter == 'y') return InventoryFormat::kYaml;
  return InventoryFormat::kHttpSd;
}

void check(const Inventory& inventory) {
  if (inventory.hosts().size() > kMostListedHosts) std::abort();
  for (const auto& [host, labels] : inventory.hosts()) {
    if (!check_host_name(host).ok() || !muster::check_labels(labels, "a host").ok()) std::abort();
  }
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer gives the name.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const absl::StatusOr<Inventory> inventory = parse_inventory(text, format_of(*data), "inventory");
  if (inventory.ok()) {
    check(*inventory);
    return 0;
  }
  const std::string complaint(inventory.status().message());
  if (!complaint.starts_with("inventory:") || !muster::is_valid_utf8(complaint)) std::abort();
  return 0;
}
