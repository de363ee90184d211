#include "collector/inventory/inventory_text.h"

#include <array>
#include <utility>

#include "collector/inventory/inventory_parsers.h"
#include "collector/sources/source_text.h"

namespace muster::collector {
namespace {

constexpr std::array<std::pair<std::string_view, InventoryFormat>, 4> kEndings = {{
    {".yml", InventoryFormat::kYaml},
    {".yaml", InventoryFormat::kYaml},
    {".csv", InventoryFormat::kCsv},
    {".json", InventoryFormat::kHttpSd},
}};

}  // namespace

std::optional<InventoryFormat> inventory_format_of(std::string_view path) {
  for (const auto& [ending, format] : kEndings) {
    if (path.ends_with(ending)) return format;
  }
  return std::nullopt;
}

absl::StatusOr<Inventory> parse_inventory(const std::string& text, InventoryFormat format,
                                          const std::string& name) {
  if (absl::Status status = check_source_text(text, name); !status.ok()) return status;
  switch (format) {
    case InventoryFormat::kYaml:
      return parse_yaml_inventory(text, name);
    case InventoryFormat::kCsv:
      return parse_csv_inventory(text, name);
    case InventoryFormat::kHttpSd:
      break;
  }
  return parse_http_sd_inventory(text, name);
}

}  // namespace muster::collector
