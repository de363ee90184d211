// A copy of a database as it is at the end, made in slices, so that whoever writes is not kept
// waiting: what is written meanwhile by the same connection is taken along. On the database's own
// thread, outside of its transactions.
#pragma once

#include <absl/status/statusor.h>

#include <memory>
#include <string>

#include "collector/store/sqlite.h"

struct sqlite3_backup;

namespace muster::collector {

class DatabaseCopy {
 public:
  // Makes the file `path`, 0600, which must not be there. `source` outlives the copy.
  static absl::StatusOr<std::unique_ptr<DatabaseCopy>> begin(Database& source,
                                                             const std::string& path);

  // Copies at most so many pages. True: it is complete. ResourceExhausted: the disk has no room.
  // It is not synced to disk: it lasts no longer than its reader.
  absl::StatusOr<bool> step(int pages);

 private:
  struct Finish {
    void operator()(sqlite3_backup* backup) const;
  };

  explicit DatabaseCopy(std::unique_ptr<Database> target) : target_(std::move(target)) {}

  std::unique_ptr<Database> target_;
  // Before the target is closed, it is ended.
  std::unique_ptr<sqlite3_backup, Finish> backup_;
};

}  // namespace muster::collector
