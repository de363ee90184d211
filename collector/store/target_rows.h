// What is kept of targets, as rows: each function inside the transaction of whoever calls. The
// store's thread only.
#pragma once

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <string>
#include <vector>

#include "collector/store/sqlite.h"
#include "collector/store/target_store.h"

namespace muster::collector {

// Adds a target that is not there. Where another reporter's later look is there, it stays.
absl::Status write_target(Database& database, const TargetWrite& write);
absl::Status write_target_times(Database& database, const TargetWrite& write);
absl::Status replace_target_memory(Database& database, const std::string& target_id,
                                   const policy::FirstSeen& memory);
absl::Status delete_targets(Database& database, const std::vector<std::string>& target_ids);

absl::StatusOr<std::vector<StoredTarget>> read_targets(Database& database);

}  // namespace muster::collector
