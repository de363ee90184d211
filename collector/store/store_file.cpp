#include "collector/store/store_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>

#include "collector/store/store_schema.h"
#include "common/failpoint.h"
#include "common/files.h"

namespace muster::collector {

absl::StatusOr<int> lock_store(const std::string& path) {
  const std::string lock_path = path + ".lock";
  const int descriptor =
      failpoint::fails("lock.create", lock_path)
          ? -1
          : ::open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (descriptor < 0) return errno_status(errno, fmt::format("opening {}", lock_path));
  if (::flock(descriptor, LOCK_EX | LOCK_NB) == 0) return descriptor;
  const int error = errno;
  ::close(descriptor);
  if (error != EWOULDBLOCK) return errno_status(error, fmt::format("locking {}", lock_path));
  return absl::FailedPreconditionError(fmt::format(
      "the store {} is in use by another muster-collector: stop that one first (`fuser {}` names "
      "its process), or give this one a state_directory of its own",
      path, lock_path));
}

absl::Status prepare_store(Database& database, const std::string& path, int64_t max_pages) {
  // Exclusive before WAL: then the log's index is in this process's memory, and a curious sqlite3
  // shell is turned away instead of checkpointing beside us.
  absl::Status status = database.execute("PRAGMA locking_mode = EXCLUSIVE");
  // What is not ours, or is newer, is looked at and left as it is.
  database.set_checkpoint_at_close(false);
  if (status.ok()) status = check_store(database, path);
  if (!status.ok()) return status;
  database.set_checkpoint_at_close(true);
  status = database.execute(
      "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;"
      "PRAGMA journal_size_limit = 67108864");
  if (status.ok()) status = migrate_store(database);
  if (status.ok() && max_pages > 0) {
    status = database.execute(fmt::format("PRAGMA max_page_count = {}", max_pages));
  }
  return status;
}

}  // namespace muster::collector
