#include "collector/backup/database_copy.h"

#include <fmt/format.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include <utility>

namespace muster::collector {

void DatabaseCopy::Finish::operator()(sqlite3_backup* backup) const {
  sqlite3_backup_finish(backup);
}

absl::StatusOr<std::unique_ptr<DatabaseCopy>> DatabaseCopy::begin(Database& source,
                                                                  const std::string& path) {
  struct stat status {};
  if (::lstat(path.c_str(), &status) == 0) {
    return absl::AlreadyExistsError(fmt::format("{} is there already", path));
  }
  absl::StatusOr<std::unique_ptr<Database>> target = Database::open(path);
  if (!target.ok()) return target.status();
  absl::Status prepared = (*target)->execute("PRAGMA synchronous = OFF");
  if (!prepared.ok()) return prepared;
  std::unique_ptr<DatabaseCopy> copy(new DatabaseCopy(*std::move(target)));
  copy->backup_.reset(sqlite3_backup_init(copy->target_->connection_.get(), "main",
                                          source.connection_.get(), "main"));
  // The error is the target's.
  if (copy->backup_ == nullptr) {
    return copy->target_->status_of(sqlite3_errcode(copy->target_->connection_.get()));
  }
  return copy;
}

absl::StatusOr<bool> DatabaseCopy::step(int pages) {
  const int result = sqlite3_backup_step(backup_.get(), pages);
  if (result == SQLITE_DONE) {
    const int ended = sqlite3_backup_finish(backup_.release());
    if (ended == SQLITE_OK) return true;
    return target_->status_of(ended);
  }
  if (result == SQLITE_OK) return false;
  return target_->status_of(result);
}

}  // namespace muster::collector
