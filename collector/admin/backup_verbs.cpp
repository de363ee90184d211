#include "collector/admin/backup_verbs.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <google/protobuf/util/json_util.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "collector/admin/ask.h"
#include "collector/backup/backup_envelope.h"
#include "collector/backup/backup_snapshot.h"
#include "common/descriptor.h"
#include "common/failpoint.h"
#include "common/files.h"
#include "common/text.h"
#include "muster/v1/fleet.pb.h"

namespace muster::collector {
namespace {

// A large store on a slow disk.
constexpr Duration kLongest = std::chrono::minutes(10);

// The passphrase, with a word on stderr where others of this machine have it too.
absl::StatusOr<std::string> passphrase_in(const std::string& path) {
  struct stat status {};
  if (path != "-" && ::stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode) &&
      (status.st_mode & (S_IRGRP | S_IROTH)) != 0) {
    fmt::print(stderr, "warning: {0} can be read by others (mode {1:04o}): chmod 600 {0}\n",
               printable(path), status.st_mode & 07777U);
  }
  return read_passphrase(path);
}

absl::StatusOr<v1::BackupSnapshot> ask_for_snapshot(const Config& config, const Clock& clock) {
  Channel channel(config, clock);
  const absl::StatusOr<std::string> answer =
      channel.request("POST", "/admin/v1/backup", "", kLongest);
  if (!answer.ok()) return answer.status();
  v1::BackupSnapshot snapshot;
  google::protobuf::util::JsonParseOptions options;
  options.ignore_unknown_fields = true;
  if (!google::protobuf::util::JsonStringToMessage(*answer, &snapshot, options).ok() ||
      !is_snapshot_name(snapshot.file())) {
    return absl::InternalError("cannot read the collector's answer; is it of another version?");
  }
  return snapshot;
}

// Encrypts the snapshot, of which nothing stays. Root may be asking a collector that runs as
// another user: what that names is opened only as what it must be.
absl::Status seal_snapshot(const std::string& path, const BackupRequest& request,
                           const std::string& passphrase) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (file.get() < 0) return errno_status(errno, fmt::format("reading {}", path));
  if (!failpoint::fails("file.remove", path)) ::unlink(path.c_str());
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) {
    return errno_status(errno, fmt::format("reading {}", path));
  }
  if (!S_ISREG(status.st_mode) || status.st_nlink > 0) {
    return absl::FailedPreconditionError(
        fmt::format("{} is not the file that the collector made", path));
  }
  return seal_backup(file.get(), request.out, passphrase);
}

}  // namespace

int make_backup(const Config& config, const Clock& clock, const BackupRequest& request) {
  const absl::StatusOr<std::string> passphrase = passphrase_in(request.passphrase_file);
  if (!passphrase.ok()) return fail(passphrase.status());
  // Before the work: a cron job with one name finds out at once.
  struct stat status {};
  if (::lstat(request.out.c_str(), &status) == 0) {
    return fail(absl::AlreadyExistsError(
        fmt::format("{} is there already: a backup replaces nothing, give it a name of its own, as "
                    "in backup-$(date +%F).muster",
                    request.out)));
  }
  const absl::StatusOr<v1::BackupSnapshot> snapshot = ask_for_snapshot(config, clock);
  if (!snapshot.ok()) return fail(snapshot.status());
  const absl::Status sealed =
      seal_snapshot(config.state_directory + "/" + snapshot->file(), request, *passphrase);
  if (!sealed.ok()) return fail(sealed);
  fmt::print("Wrote {}: the store with {} host{}, and {}.\n", request.out, snapshot->hosts(),
             snapshot->hosts() == 1 ? "" : "s",
             snapshot->files().empty() ? "no files"
                                       : fmt::format("{}", fmt::join(snapshot->files(), ", ")));
  if (!snapshot->left_out().empty()) {
    fmt::print("Not in it, since they are no plain files: {}.\n",
               fmt::join(snapshot->left_out(), ", "));
  }
  fmt::print("Whoever has it and its passphrase has the fleet's CA: keep them apart.\n");
  return 0;
}

int restore_backup(const Clock& clock, RestoreRequest request, const std::string& passphrase_file) {
  absl::StatusOr<std::string> passphrase = passphrase_in(passphrase_file);
  if (!passphrase.ok()) return fail(passphrase.status());
  request.passphrase = *std::move(passphrase);
  const absl::StatusOr<Restored> restored = restore(request, clock);
  if (!restored.ok()) return fail(restored.status());
  fmt::print("Restored {}: {} hosts, {} revocations.\n", restored->directory, restored->hosts,
             restored->revocations);
  if (!restored->kept_aside.empty()) {
    fmt::print("What was there is in {} now: remove it when all is well.\n", restored->kept_aside);
  }
  if (restored->tokens > 0) {
    fmt::print(
        "The {} join tokens of the backup are not valid any more: they may have been used.\n",
        restored->tokens);
  }
  for (const std::string& note : restored->notes)
    fmt::print("Note: {}.\n", printable(note));
  if (!restored->config_path.empty()) {
    fmt::print("Next: muster-collector serve --config {}\n", restored->config_path);
  }
  fmt::print("Hosts that joined after the backup are not known any more: enrol them anew.\n");
  return 0;
}

}  // namespace muster::collector
