// Whether the lists of targets that a configuration names can be used, before a collector does. No
// server is asked. Calls block.
#pragma once

#include <absl/status/statusor.h>

#include <string>
#include <vector>

#include "collector/targets/target_list.h"
#include "collector/targets/targets_config.h"

namespace muster::collector {

struct CheckedTargets {
  TargetList list;
  size_t files = 0;
  // Patterns that no file has.
  std::vector<std::string> empty_globs;
};

// What the files list; or what is wrong with them or with those that a server's settings name, a
// complaint a line.
absl::StatusOr<CheckedTargets> check_targets(const TargetsConfig& config);

// Takes out what only the service has, `credential:NAME`, and says what that is, for people.
std::vector<std::string> leave_out_credentials(TargetsConfig& config);

}  // namespace muster::collector
