#include "collector/inventory/inventory_source.h"

#include <fmt/format.h>

#include "collector/sources/source_text.h"
#include "common/files.h"

namespace muster::collector {

absl::StatusOr<std::string> read_source(const InventorySource& source,
                                        const std::stop_token& stop) {
  if (!source.http) return read_file(source.file, kSourceBytes);
  return fetch_json(*source.http, kSourceBytes, stop);
}

absl::StatusOr<Inventory> parse_source(const InventorySource& source, const std::string& text) {
  return parse_inventory(text, source.format, source.name);
}

absl::Status check_sources(const std::vector<InventorySource>& sources) {
  for (const InventorySource& source : sources) {
    if (source.http) {
      absl::Status status = check_files(*source.http);
      if (!status.ok()) return status;
      continue;
    }
    const absl::StatusOr<std::string> text = read_source(source, {});
    const absl::Status status = text.ok() ? parse_source(source, *text).status() : text.status();
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

}  // namespace muster::collector
