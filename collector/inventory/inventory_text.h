// Inventories as text: what a file or a server says, to a table of hosts. Pure; any thread.
//
//   YAML       hosts: {web1: {site: fra, role: web}}
//   CSV        RFC 4180, UTF-8; the first line names the columns: host,site,role. An empty field is
//              no label.
//   JSON       as Prometheus's http_sd: [{"targets": ["web1"], "labels": {"site": "fra"}}]. Labels
//              that begin with "__" are ignored, and a target's port.
//
// At most kSourceBytes; YAML 4 MiB, by its reader: what is larger is written by a program, which
// can as well write CSV. InvalidArgument with "name:line:column: what".
#pragma once

#include <absl/status/statusor.h>

#include <optional>
#include <string>
#include <string_view>

#include "collector/inventory/inventory.h"

namespace muster::collector {

enum class InventoryFormat { kYaml, kCsv, kHttpSd };

// By the end of the file's name: .yml, .yaml, .csv, .json. Nothing for others.
std::optional<InventoryFormat> inventory_format_of(std::string_view path);

absl::StatusOr<Inventory> parse_inventory(const std::string& text, InventoryFormat format,
                                          const std::string& name);

}  // namespace muster::collector
