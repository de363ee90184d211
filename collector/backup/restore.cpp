#include "collector/backup/restore.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <optional>
#include <regex>
#include <set>
#include <system_error>
#include <utility>

#include "collector/backup/backup_envelope.h"
#include "collector/backup/backup_snapshot.h"
#include "collector/config.h"
#include "collector/identity/authorities.h"
#include "collector/service/state_files.h"
#include "collector/service/state_owner.h"
#include "collector/store/lease_records.h"
#include "collector/store/revocations.h"
#include "collector/store/sqlite.h"
#include "collector/store/store_file.h"
#include "common/failpoint.h"
#include "common/files.h"
#include "common/text.h"
#include "common/timestamp.h"

namespace muster::collector {
namespace {

constexpr mode_t kSecretMode = 0600;

// A directory that is removed with all that is in it, unless it was moved to its place.
class Workshop {
 public:
  explicit Workshop(std::string path) : path_(std::move(path)) {}
  ~Workshop() {
    std::error_code error;
    if (path_.empty() || failpoint::fails("file.remove", path_)) return;
    std::filesystem::remove_all(path_, error);
  }
  Workshop(const Workshop&) = delete;
  Workshop& operator=(const Workshop&) = delete;
  const std::string& path() const { return path_; }
  void keep() { path_.clear(); }

 private:
  std::string path_;
};

// The lock on a store, given up at the end.
class StoreLock {
 public:
  explicit StoreLock(int descriptor) : descriptor_(descriptor) {}
  ~StoreLock() { ::close(descriptor_); }
  StoreLock(const StoreLock&) = delete;
  StoreLock& operator=(const StoreLock&) = delete;

 private:
  int descriptor_;
};

absl::Status with_context(const absl::Status& status, const std::string& context) {
  if (status.ok()) return status;
  return absl::Status(status.code(), fmt::format("{}: {}", context, std::string(status.message())));
}

bool exists(const std::string& path) {
  std::error_code error;
  return std::filesystem::exists(std::filesystem::symlink_status(path, error));
}

// Absolute, without links, so that what is moved is what is meant.
std::string place_of(const std::string& directory) {
  std::error_code error;
  std::filesystem::path path =
      std::filesystem::weakly_canonical(std::filesystem::absolute(directory), error);
  if (error) path = std::filesystem::absolute(directory).lexically_normal();
  std::string text = path.string();
  while (text.size() > 1 && text.ends_with('/'))
    text.pop_back();
  return text;
}

absl::Status check_place(const std::string& directory, bool replace) {
  std::error_code error;
  if (!exists(directory)) return absl::OkStatus();
  if (!std::filesystem::is_directory(directory, error)) {
    return absl::AlreadyExistsError(fmt::format("{} is there, and is no directory", directory));
  }
  if (std::filesystem::is_empty(directory, error) || replace) return absl::OkStatus();
  return absl::AlreadyExistsError(
      fmt::format("{} is not empty: name another --state-directory, or have it replaced with "
                  "--replace, which keeps what is there aside",
                  directory));
}

absl::StatusOr<ParsedRevocations> read_revocations(const std::string& path) {
  const absl::StatusOr<std::string> text = read_file(path, kRevocationsLimit);
  if (!text.ok()) return text.status();
  return parse_revocations(*text, path);
}

// Everybody who is in one of them, in the order of time.
std::string merge(std::vector<Revocation> all, uint64_t& count) {
  std::stable_sort(all.begin(), all.end(),
                   [](const Revocation& a, const Revocation& b) { return a.at < b.at; });
  std::set<std::pair<Revocation::Kind, std::string>> known;
  std::string text;
  for (const Revocation& one : all) {
    if (known.emplace(one.kind, one.host_id).second) text += revocation_line(one);
  }
  count = known.size();
  return text;
}

// What the backup, the directory that is replaced and the operator know of revocations.
absl::Status gather_revocations(const RestoreRequest& request, const std::string& directory,
                                const std::vector<BackupFile>& files,
                                std::vector<Revocation>& all) {
  const auto add = [&all](const absl::StatusOr<ParsedRevocations>& parsed) {
    if (parsed.ok()) {
      all.insert(all.end(), parsed->revocations.begin(), parsed->revocations.end());
    }
    return parsed.status();
  };
  for (const BackupFile& file : files) {
    if (file.name != "revocations") continue;
    absl::Status status = add(parse_revocations(file.content, "revocations of the backup"));
    if (!status.ok()) return status;
  }
  if (!request.revocations.empty()) {
    absl::Status status = add(read_revocations(request.revocations));
    if (!status.ok()) return status;
  }
  const std::string here = directory + "/revocations";
  if (exists(here)) return add(read_revocations(here));
  const bool is_known = !request.revocations.empty() || request.nobody_revoked_since ||
                        exists(StateFiles(directory).store);
  if (is_known) return absl::OkStatus();
  return absl::FailedPreconditionError(
      "it is not known who was revoked or removed since the backup was made: the file "
      "`revocations` of the collector that was lost tells. Name a copy of it with --revocations "
      "FILE, or say with --nobody-revoked-since-backup that there is nobody");
}

// A configuration of another directory is of this one now.
std::string config_of_directory(const std::string& text, const std::string& directory,
                                std::vector<std::string>& notes) {
  const absl::StatusOr<Config> config = parse_config(text, directory + "/collector.yml");
  if (!config.ok()) {
    notes.push_back(fmt::format("collector.yml is not good any more: {}",
                                std::string(config.status().message())));
    return text;
  }
  if (config->state_directory == directory) return text;
  const std::string changed =
      std::regex_replace(text, std::regex("(^|\n)state_directory:[^\n]*"),
                         fmt::format("$1state_directory: \"{}\"", directory));
  const absl::StatusOr<Config> read = parse_config(changed, directory + "/collector.yml");
  if (!read.ok() || read->state_directory != directory) {
    notes.push_back(fmt::format("set state_directory in collector.yml to {}", directory));
    return text;
  }
  notes.push_back(fmt::format("state_directory in collector.yml was {}", config->state_directory));
  return changed;
}

// The store of the backup, brought to this build's schema, without what must not come back.
absl::StatusOr<std::vector<BackupFile>> prepare_database(const std::string& path,
                                                         Restored& restored) {
  absl::StatusOr<std::unique_ptr<Database>> opened = Database::open(path);
  if (!opened.ok()) return opened.status();
  Database& database = **opened;
  {
    Statement check = database.prepare("PRAGMA quick_check(1)");
    const absl::StatusOr<bool> row = check.step();
    if (!row.ok()) return row.status();
    if (!*row || check.column_text(0) != "ok") {
      return absl::DataLossError("the store in it is damaged: take an older backup");
    }
  }
  absl::StatusOr<std::vector<BackupFile>> files = take_files(database);
  if (!files.ok()) return files;
  absl::Status status = prepare_store(database, path, 0);
  const absl::StatusOr<int64_t> hosts = database.query_integer("SELECT count(*) FROM host");
  if (status.ok()) status = hosts.status();
  const absl::StatusOr<int64_t> tokens = database.query_integer("SELECT count(*) FROM token");
  if (status.ok()) status = tokens.status();
  // One that was used up since would be good again.
  if (status.ok()) status = database.execute("DELETE FROM token");
  // Who looked at what has changed since, and may still do so.
  if (status.ok()) {
    status = database.execute(fmt::format(
        "DELETE FROM target_holder; UPDATE lease_horizon SET boot_id = '{}'", kRestoredBoot));
  }
  if (status.ok()) status = database.checkpoint();
  if (!status.ok()) return status;
  restored.hosts = static_cast<uint64_t>(*hosts);
  restored.tokens = static_cast<uint64_t>(*tokens);
  return files;
}

absl::Status fill(const RestoreRequest& request, const std::string& directory,
                  const std::string& workshop, Restored& restored) {
  const StateFiles files(workshop);
  absl::Status status = open_backup(request.backup, files.store, request.passphrase);
  if (!status.ok()) return status;
  const absl::StatusOr<std::vector<BackupFile>> taken = prepare_database(files.store, restored);
  if (!taken.ok()) return with_context(taken.status(), request.backup);
  std::vector<Revocation> revocations;
  status = gather_revocations(request, directory, *taken, revocations);
  if (!status.ok()) return status;
  for (const BackupFile& file : *taken) {
    if (file.name == "revocations") continue;
    std::string content = file.content;
    if (file.name == "collector.yml") {
      content = config_of_directory(content, directory, restored.notes);
      restored.config_path = directory + "/collector.yml";
    }
    status = write_file_atomically(workshop + "/" + file.name, content, file.mode);
    if (!status.ok()) return status;
  }
  const std::string lines = merge(std::move(revocations), restored.revocations);
  if (!lines.empty()) {
    status = write_file_atomically(workshop + "/revocations", lines, kSecretMode);
    if (!status.ok()) return status;
  }
  // Its trust domain is in the configuration, which may be elsewhere: any will do to see that the
  // keys belong to the certificates.
  return with_context(Authorities::load(files, "muster.internal").status(), request.backup);
}

// Where the restore fails later, the lock's file is still one that the collector can open.
absl::StatusOr<int> lock_as_owner(const std::string& directory) {
  const absl::StatusOr<std::unique_ptr<ActingAsOwner>> acting = ActingAsOwner::of(directory);
  if (!acting.ok()) return acting.status();
  return lock_store(StateFiles(directory).store);
}

// To the owner of what was there: the user that the collector runs as.
absl::Status give_to(const struct stat& owner, const std::string& workshop) {
  std::vector<std::string> paths = {workshop};
  std::error_code error;
  for (std::filesystem::directory_iterator entry(workshop, error), end; !error && entry != end;
       entry.increment(error)) {
    paths.push_back(entry->path());
  }
  for (const std::string& path : paths) {
    if (failpoint::fails("restore.owner", path) ||
        ::lchown(path.c_str(), owner.st_uid, owner.st_gid) != 0) {
      return errno_status(errno, fmt::format("giving {} to the owner of the directory", path));
    }
  }
  return absl::OkStatus();
}

// From here on the directory is the restored one.
absl::Status move_to(Workshop& workshop, const std::string& directory, const std::string& aside) {
  const std::string from = workshop.path();
  const std::string doing = fmt::format("moving the restored directory to {}", directory);
  const bool swaps = !aside.empty();
  if (failpoint::fails("restore.move", directory) ||
      ::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, directory.c_str(),
                  swaps ? RENAME_EXCHANGE : 0) != 0) {
    const int error = errno;
    if (error == EBUSY || error == EXDEV) {
      return absl::FailedPreconditionError(
          fmt::format("{} is a mount point, which cannot be replaced: restore into a directory "
                      "within it or elsewhere on the same disk, and set state_directory to that",
                      directory));
    }
    return errno_status(error, doing);
  }
  // What is there now is not ours to remove.
  workshop.keep();
  if (swaps &&
      (failpoint::fails("restore.aside", aside) || ::rename(from.c_str(), aside.c_str()) != 0)) {
    return errno_status(errno,
                        fmt::format("moving what was in {} from {} to {}", directory, from, aside));
  }
  return sync_directory(std::filesystem::path(directory).parent_path());
}

}  // namespace

absl::StatusOr<Restored> restore(const RestoreRequest& request, const Clock& clock) {
  Restored restored;
  restored.directory = place_of(request.directory);
  const std::string& directory = restored.directory;
  absl::Status status = check_place(directory, request.replace);
  if (!status.ok()) return status;
  std::optional<StoreLock> lock;
  struct stat owner {};
  const bool was_there = ::stat(directory.c_str(), &owner) == 0;
  std::error_code error;
  const bool replaces = was_there && !std::filesystem::is_empty(directory, error);
  if (replaces) {
    const absl::StatusOr<int> descriptor = lock_as_owner(directory);
    if (!descriptor.ok()) return descriptor.status();
    lock.emplace(*descriptor);
    std::string time = to_iso8601(clock.now());
    std::erase(time, ':');
    std::erase(time, '-');
    restored.kept_aside = fmt::format("{}.replaced-{}", directory, time);
    if (exists(restored.kept_aside)) {
      return absl::AlreadyExistsError(
          fmt::format("{} is there already: try again in a second", restored.kept_aside));
    }
  }
  std::string name = directory + ".restore-XXXXXX";
  if (failpoint::fails("directory.make", directory) || ::mkdtemp(name.data()) == nullptr) {
    return errno_status(errno, fmt::format("making a directory beside {}", directory));
  }
  Workshop workshop(name);
  status = fill(request, directory, workshop.path(), restored);
  if (status.ok() && was_there && ::geteuid() == 0) status = give_to(owner, workshop.path());
  if (status.ok()) status = sync_directory(workshop.path());
  if (status.ok()) status = move_to(workshop, directory, restored.kept_aside);
  if (!status.ok()) return status;
  if (!was_there && ::geteuid() == 0) {
    restored.notes.push_back(
        fmt::format("it belongs to root; to the user that the collector runs as: chown -R USER: {}",
                    directory));
  }
  return restored;
}

}  // namespace muster::collector
