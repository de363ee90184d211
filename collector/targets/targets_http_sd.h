// Lists of targets in the shape of Prometheus's http_sd:
//
//   [{"targets": ["shop.example.org:443"],
//     "labels": {"site": "fra", "owner": "web", "__muster_name": "shop", "__muster_kind": "tcp",
//                "__muster_interval": "5m", "__muster_timeout": "5s"}}]
//
// __muster_options ("starttls=smtp") comes after the address of each target of its group. Other
// labels that begin with "__" are ignored, as Prometheus does. Pure; any thread.
#pragma once

#include <absl/status/statusor.h>

#include <string>
#include <string_view>

#include "collector/targets/target_list.h"
#include "collector/targets/target_table.h"
#include "collector/targets/targets_config.h"

namespace muster::collector {

// What a server answers, and where that does not say, what is usual of it. InvalidArgument with
// "name:line:column: what"; a target that comes twice is one, unless its labels differ.
absl::StatusOr<TargetList> parse_http_sd_targets(std::string_view text, const TargetServer& server);

// A table, a group for each target: for who points another exporter at them. The function above
// reads it back.
std::string targets_http_sd(const TargetTable& table);

}  // namespace muster::collector
