// The schema of the SQLite store: every version there was, in one visible table. Used at open.
#pragma once

#include <absl/status/status.h>

#include "collector/sqlite.h"

namespace muster::collector {

// "Must" in the file's header: whose file it is.
inline constexpr int64_t kStoreApplicationId = 0x4d757374;

// The version that this build writes.
int64_t store_schema_version();

// Brings the file to this build's version, each step in a transaction. FailedPrecondition when the
// file is another program's, or was written by a newer build.
absl::Status migrate_store(Database& database, const std::string& path);

}  // namespace muster::collector
