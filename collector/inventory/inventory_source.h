// One source of the inventory, as the configuration names it, and its text. Calls block.
#pragma once

#include <absl/status/statusor.h>

#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "collector/http_client/http_document.h"
#include "collector/inventory/inventory.h"
#include "collector/inventory/inventory_text.h"
#include "common/clock.h"

namespace muster::collector {

struct InventorySource {
  // For people, logs and metrics: the file's path, or the URL without its query.
  std::string name;
  // The file; or
  std::string file;
  // the server, which answers in the shape of http_sd,
  std::optional<HttpSource> http = std::nullopt;
  // and how often it is asked.
  Duration interval = std::chrono::minutes(5);
  InventoryFormat format = InventoryFormat::kHttpSd;
};

// What the file says or the server answers now, whatever it is.
absl::StatusOr<std::string> read_source(const InventorySource& source, const std::stop_token& stop);

absl::StatusOr<Inventory> parse_source(const InventorySource& source, const std::string& text);

// Whether the files that the sources name can be used. No server is asked.
absl::Status check_sources(const std::vector<InventorySource>& sources);

}  // namespace muster::collector
