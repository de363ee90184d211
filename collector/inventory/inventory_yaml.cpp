#include <utility>

#include "collector/inventory/inventory_builder.h"
#include "collector/inventory/inventory_parsers.h"
#include "common/yaml_reader.h"

namespace muster::collector {
namespace {

// Who reads them mends these first.
constexpr int kMostComplaints = 20;

std::string text_of(const absl::Status& status) {
  return std::string(status.message());
}

}  // namespace

absl::StatusOr<Inventory> parse_yaml_inventory(const std::string& text, const std::string& name) {
  absl::StatusOr<YamlDocument> document = YamlDocument::parse(text, name);
  if (!document.ok()) return document.status();
  YamlMap root = document->root();
  // A file that says nothing is more likely a mistake than a site without hosts.
  root.require("hosts");
  InventoryBuilder builder;
  std::optional<YamlMap> hosts = root.map("hosts");
  int complaints = 0;
  if (hosts) {
    for (auto& [host, map] : hosts->named_maps()) {
      const auto pairs = map.pairs();
      const absl::Status status = builder.add(host, Labels(pairs.begin(), pairs.end()));
      if (status.ok()) continue;
      hosts->complain(host, text_of(status));
      if (++complaints == kMostComplaints) break;
    }
  }
  if (absl::Status status = document->finish(); !status.ok()) return status;
  return builder.take();
}

}  // namespace muster::collector
