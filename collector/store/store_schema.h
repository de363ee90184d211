// The schema of the SQLite store: every version there was, in one visible table. Used at open.
#pragma once

#include <absl/status/status.h>

#include <cstdint>
#include <span>
#include <string>

#include "collector/store/sqlite.h"

namespace muster::collector {

// "Must" in the file's header: whose file it is.
inline constexpr int64_t kStoreApplicationId = 0x4d757374;

// The version that this build writes.
int64_t store_schema_version();

// FailedPrecondition, with what to do, when the file is another program's or was written by a newer
// build. Only reads.
absl::Status check_store(Database& database, const std::string& path);

// Brings a file that passed check_store to this build's version. Each step is a transaction of its
// own: one that fails, or a kill in the middle of it, leaves the version before it.
absl::Status migrate_store(Database& database);

// The same with other steps, so that tests have more than one: entry n leads from version n to n
// + 1.
absl::Status migrate_store(Database& database, std::span<const char* const> steps);

}  // namespace muster::collector
