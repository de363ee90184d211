// The store's file: locked against other processes, opened, and brought to this build's schema.
#pragma once

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <cstdint>
#include <string>

#include "collector/store/sqlite.h"

namespace muster::collector {

// Locks `<path>.lock` and returns its descriptor: whoever closes it gives the lock up.
// FailedPrecondition when another process has it.
absl::StatusOr<int> lock_store(const std::string& path);

// WAL with full syncs, no checkpoints but ours, the schema of this build. `max_pages` 0: no limit.
absl::Status prepare_store(Database& database, const std::string& path, int64_t max_pages);

}  // namespace muster::collector
