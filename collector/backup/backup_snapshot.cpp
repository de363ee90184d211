#include "collector/backup/backup_snapshot.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <future>
#include <system_error>
#include <utility>

#include "common/digest.h"
#include "common/failpoint.h"
#include "common/files.h"
#include "common/text.h"
#include "common/timestamp.h"
#include "common/version.h"

namespace muster::collector {
namespace {

constexpr int64_t kVersion1 = 1;
constexpr size_t kMostFiles = 256;
constexpr size_t kFileLimit = 64 * 1024 * 1024;
constexpr size_t kNameLimit = 128;
constexpr std::string_view kPrefix = "backup-";
constexpr std::string_view kSuffix = ".db";
constexpr size_t kNameBytes = 8;

void remove_file(const std::string& path) {
  if (!failpoint::fails("file.remove", path)) ::unlink(path.c_str());
}

void remove_snapshot(const std::string& path) {
  for (const char* suffix : {"", "-journal", "-wal"})
    remove_file(path + suffix);
}

// Every name in the directory, sorted.
absl::StatusOr<std::vector<std::filesystem::path>> entries_of(const std::string& directory) {
  std::vector<std::filesystem::path> found;
  std::error_code error;
  for (std::filesystem::directory_iterator entry(directory, error), end; !error && entry != end;
       entry.increment(error)) {
    found.push_back(entry->path());
  }
  if (error) return errno_status(error.value(), fmt::format("reading {}", directory));
  std::sort(found.begin(), found.end());
  return found;
}

// What write_file_atomically leaves beside a file: "ca.active" is none, unless there is a file
// "ca".
bool is_temporary(const std::filesystem::path& path) {
  const std::string name = path.filename().string();
  const std::string original = path.stem().string();
  std::error_code error;
  return is_temporary_of(name, original) &&
         std::filesystem::exists(path.parent_path() / original, error);
}

absl::Status add_file(Database& database, const std::string& path, const std::string& name) {
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0) return errno_status(errno, "reading " + path);
  const absl::StatusOr<std::string> content = read_file(path, kFileLimit);
  if (!content.ok()) return content.status();
  return database.prepare("INSERT INTO backup_file (name, mode, content) VALUES (?, ?, ?)")
      .text(name)
      .integer(status.st_mode & 0777)
      .blob(*content)
      .run();
}

absl::Status add_files(Database& database, const StateFiles& files, v1::BackupSnapshot& snapshot) {
  const auto paths = entries_of(files.directory);
  if (!paths.ok()) return paths.status();
  size_t count = 0;
  for (const std::filesystem::path& path : *paths) {
    const std::string name = path.filename().string();
    std::error_code error;
    const std::filesystem::file_status status = std::filesystem::symlink_status(path, error);
    // The store is here already, sockets are nobody's, and what is being written is not yet.
    const bool is_store = name.starts_with("store.db") || name.ends_with(".lock");
    if (is_store || is_snapshot_name(name) || name.starts_with(kPrefix) || is_temporary(path) ||
        std::filesystem::is_socket(status)) {
      continue;
    }
    if (!std::filesystem::is_regular_file(status) || !is_backup_file_name(name)) {
      snapshot.add_left_out(printable(name, kNameLimit));
      continue;
    }
    if (++count > kMostFiles) {
      return absl::ResourceExhaustedError(fmt::format(
          "{} has more than {} files: what is not the collector's own belongs elsewhere",
          files.directory, kMostFiles));
    }
    if (absl::Status added = add_file(database, path, name); !added.ok()) return added;
    snapshot.add_files(name);
  }
  return absl::OkStatus();
}

absl::Status complete(const std::string& path, const StateFiles& files, TimePoint now,
                      v1::BackupSnapshot& snapshot) {
  absl::StatusOr<std::unique_ptr<Database>> database = Database::open(path);
  if (!database.ok()) return database.status();
  // One file, and nobody's but its reader's: no log beside it, and nothing to sync.
  absl::Status status = (*database)->execute(
      "PRAGMA synchronous = OFF; PRAGMA journal_mode = DELETE;"
      "CREATE TABLE backup_about (version INTEGER NOT NULL, made_at TEXT NOT NULL,"
      " made_by TEXT NOT NULL) STRICT;"
      "CREATE TABLE backup_file (name TEXT PRIMARY KEY, mode INTEGER NOT NULL,"
      " content BLOB NOT NULL) STRICT, WITHOUT ROWID");
  if (status.ok()) {
    status = (*database)
                 ->prepare("INSERT INTO backup_about (version, made_at, made_by) VALUES (?, ?, ?)")
                 .integer(kVersion1)
                 .text(to_iso8601(now))
                 .text(kVersion)
                 .run();
  }
  if (status.ok()) status = add_files(**database, files, snapshot);
  const absl::StatusOr<int64_t> hosts = (*database)->query_integer("SELECT count(*) FROM host");
  if (status.ok()) status = hosts.status();
  if (status.ok()) snapshot.set_hosts(static_cast<uint32_t>(*hosts));
  return status;
}

}  // namespace

absl::StatusOr<v1::BackupSnapshot> make_snapshot(const StateFiles& files, StoreSqlite& store,
                                                 TimePoint now) {
  v1::BackupSnapshot snapshot;
  snapshot.set_file(fmt::format("{}{}{}", kPrefix, to_hex(random_bytes(kNameBytes)), kSuffix));
  const std::string path = files.directory + "/" + snapshot.file();
  // Shared: the one that is waited for may be gone before the other has finished telling.
  auto copied = std::make_shared<std::promise<absl::Status>>();
  store.snapshot(path, [copied](const absl::Status& status) { copied->set_value(status); });
  absl::Status status = copied->get_future().get();
  if (status.ok()) status = complete(path, files, now, snapshot);
  if (status.ok()) return snapshot;
  remove_snapshot(path);
  return status;
}

void remove_snapshots(const StateFiles& files) {
  const auto paths = entries_of(files.directory);
  if (!paths.ok()) return;
  for (const std::filesystem::path& path : *paths) {
    const std::string name = path.filename().string();
    const std::string_view bare =
        std::string_view(name).substr(0, std::min(name.find(kSuffix), name.size()));
    if (is_snapshot_name(std::string(bare) + std::string(kSuffix))) remove_file(path);
  }
}

bool is_snapshot_name(const std::string& name) {
  if (name.size() != kPrefix.size() + 2 * kNameBytes + kSuffix.size()) return false;
  if (!name.starts_with(kPrefix) || !name.ends_with(kSuffix)) return false;
  return std::all_of(name.begin() + kPrefix.size(), name.end() - kSuffix.size(),
                     [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

bool is_backup_file_name(const std::string& name) {
  if (name.empty() || name.size() > kNameLimit || name.front() == '.') return false;
  if (name.starts_with("store.db") || name == "admin.sock" || name.ends_with(".lock")) return false;
  return std::all_of(name.begin(), name.end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '.' || c == '-' || c == '_';
  });
}

absl::StatusOr<std::vector<BackupFile>> take_files(Database& database) {
  const absl::StatusOr<int64_t> version =
      database.query_integer("SELECT version FROM backup_about");
  if (!version.ok() || *version < 1) {
    return absl::FailedPreconditionError("it is a file of Muster's, and not a backup");
  }
  if (*version > kVersion1) {
    return absl::FailedPreconditionError(
        "a newer muster-collector made it: restore it with that version");
  }
  std::vector<BackupFile> files;
  {
    Statement rows =
        database.prepare("SELECT name, mode, length(content), content FROM backup_file");
    while (true) {
      const absl::StatusOr<bool> row = rows.step();
      if (!row.ok()) return row.status();
      if (!*row) break;
      BackupFile file{.name = rows.column_text(0),
                      .mode = static_cast<uint32_t>(rows.column_integer(1)) & 0777,
                      .content = rows.column_text(3)};
      if (files.size() == kMostFiles || !is_backup_file_name(file.name) ||
          file.content.size() > kFileLimit) {
        return absl::InvalidArgumentError(
            fmt::format("it has a file \"{}\", which no collector would have put there",
                        printable(file.name, kNameLimit)));
      }
      files.push_back(std::move(file));
    }
  }
  // The keys of the CAs go from the file's free pages too.
  absl::Status dropped = database.execute(
      "PRAGMA secure_delete = ON; DROP TABLE backup_file; DROP TABLE backup_about");
  if (!dropped.ok()) return dropped;
  return files;
}

}  // namespace muster::collector
