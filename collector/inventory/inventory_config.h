// The part `inventory:` of collector.yml: a list of sources.
//
//   inventory:
//     - file: inventory.yml                 # or .csv, .json (http_sd)
//     - url: https://netbox.example.org/hosts?site=fra
//       interval: 5m  timeout: 30s  ca_file: ca.pem
//       username: muster  password_file: password      # or token_file: token
#pragma once

#include <string>
#include <vector>

#include "collector/http_client/http_source_config.h"
#include "collector/inventory/inventory_source.h"
#include "common/yaml_reader.h"

namespace muster::collector {

inline constexpr size_t kMostInventorySources = 16;

// What is wrong is noted in `root`.
std::vector<InventorySource> read_inventory_sources(YamlMap& root, const Beside& beside);

// The paths of a source's files, for credentials to be put in their place.
std::vector<std::string*> paths_of(InventorySource& source);

}  // namespace muster::collector
