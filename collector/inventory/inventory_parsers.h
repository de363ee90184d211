// The formats behind inventory_text.h, a file each; nobody else calls them. Text within its bound,
// and of UTF-8.
#pragma once

#include <absl/status/statusor.h>

#include <string>
#include <string_view>

#include "collector/inventory/inventory.h"

namespace muster::collector {

absl::StatusOr<Inventory> parse_yaml_inventory(const std::string& text, const std::string& name);
absl::StatusOr<Inventory> parse_csv_inventory(std::string_view text, std::string_view name);
absl::StatusOr<Inventory> parse_http_sd_inventory(std::string_view text, std::string_view name);

}  // namespace muster::collector
