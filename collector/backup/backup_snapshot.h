// What a backup has in it: one SQLite file, a copy of the store with the other files of the state
// directory (CAs and their keys, revocations, configuration) in a table. Readable without Muster:
// `sqlite3 FILE "SELECT writefile(name, content) FROM backup_file"`. Calls block.
#pragma once

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <string>
#include <vector>

#include "collector/service/state_files.h"
#include "collector/store/sqlite.h"
#include "collector/store/store_sqlite.h"
#include "common/clock.h"
#include "muster/v1/fleet.pb.h"

namespace muster::collector {

// Makes it in the state directory, 0600, while the store goes on, and says its name. Whoever asked
// removes it.
absl::StatusOr<v1::BackupSnapshot> make_snapshot(const StateFiles& files, StoreSqlite& store,
                                                 TimePoint now);

// Removes what others who asked have left. Only the one collector of the directory.
void remove_snapshots(const StateFiles& files);

// Whether it can be the name of a snapshot, and nothing else; pure.
bool is_snapshot_name(const std::string& name);

// A file of the state directory.
struct BackupFile {
  std::string name;
  uint32_t mode = 0600;
  std::string content;
};

// Whether a backup may bring a file of that name: a plain name, and not one of the store's; pure.
bool is_backup_file_name(const std::string& name);

// Takes the files out of the snapshot, which is the store alone then. FailedPrecondition: it is no
// backup, or of a newer version. InvalidArgument: a file that none of ours would have.
absl::StatusOr<std::vector<BackupFile>> take_files(Database& database);

}  // namespace muster::collector
