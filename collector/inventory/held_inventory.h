// The last good text of a source, kept in the state directory, so that a restart while the source
// is away costs no labels. Not secret; read back as strictly as what comes from the source. One
// file a source, "inventory-<16 hex digits of its name's SHA-256>"; one program at a time. Calls
// block.
#pragma once

#include <absl/status/statusor.h>

#include <string>
#include <vector>

#include "collector/inventory/inventory_source.h"
#include "common/clock.h"

namespace muster::collector {

struct HeldInventory {
  std::string text;
  // When the source last said so.
  TimePoint loaded_at;
};

std::string held_inventory_path(const std::string& state_directory, const InventorySource& source);

// NotFound: none is held. InvalidArgument: the file is not what hold_inventory writes for this
// source.
absl::StatusOr<HeldInventory> read_held_inventory(const std::string& path,
                                                  const InventorySource& source);
absl::Status hold_inventory(const std::string& path, const InventorySource& source,
                            const HeldInventory& held);

// Removes what is held of sources that are not configured any more, and what a kill left beside
// the others.
void remove_other_inventories(const std::string& state_directory,
                              const std::vector<InventorySource>& sources);

}  // namespace muster::collector
