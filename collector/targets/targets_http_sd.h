// The targets of a table in the shape of Prometheus's http_sd, for who points an exporter of
// another kind at them: a group for each target, with its labels and, as __muster_name,
// __muster_kind, __muster_interval and __muster_timeout, what else it is. parse_http_sd_targets
// reads that back. Pure; any thread.
#pragma once

#include <string>

#include "collector/targets/target_table.h"

namespace muster::collector {

std::string targets_http_sd(const TargetTable& table);

}  // namespace muster::collector
