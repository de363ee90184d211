#include "agent/probes/root_files.h"

#include <dirent.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <string_view>
#include <system_error>

#include "agent/probes/probe_program.h"
#include "common/files.h"

namespace muster::probe {
namespace {

// What a google.protobuf.Timestamp may hold: 0001-01-01 to 9999-12-31.
constexpr int64_t kFirstSecond = -62'135'596'800;
constexpr int64_t kLastSecond = 253'402'300'799;

struct CloseDirectory {
  void operator()(DIR* directory) const { ::closedir(directory); }
};
using DirectoryPtr = std::unique_ptr<DIR, CloseDirectory>;

absl::Status reason_of(int error) {
  const std::string reason = std::generic_category().message(error);
  // A component that is a file: there is nothing of that name, as with a missing one.
  if (error == ENOENT || error == ENOTDIR) return absl::NotFoundError(reason);
  if (error == EACCES || error == EPERM) return absl::PermissionDeniedError(reason);
  return absl::UnavailableError(reason);
}

// `real`: openable_path().
absl::StatusOr<FileStatus> status_of(const std::string& root, const std::string& real) {
  if (gave_up(real)) return reason_of(ELOOP);
  struct stat found {};
  const char* path = real.empty() ? "/" : real.c_str();
  // Below a root the links have been followed: one that has come since would lead out of it.
  if ((root.empty() ? ::stat(path, &found) : ::lstat(path, &found)) != 0) return reason_of(errno);
  if (S_ISLNK(found.st_mode)) return reason_of(ELOOP);
  FileStatus status;
  if (S_ISREG(found.st_mode)) status.kind = FileKind::kRegular;
  if (S_ISDIR(found.st_mode)) status.kind = FileKind::kDirectory;
  status.device = found.st_dev;
  status.inode = found.st_ino;
  status.owner = found.st_uid;
  status.group = found.st_gid;
  status.mode = found.st_mode & 07777;
  if (found.st_mtim.tv_sec >= kFirstSecond && found.st_mtim.tv_sec <= kLastSecond) {
    status.modified_at.set_seconds(found.st_mtim.tv_sec);
    status.modified_at.set_nanos(static_cast<int32_t>(found.st_mtim.tv_nsec));
    status.has_modified_at = true;
  }
  return status;
}

}  // namespace

std::string openable_path(const std::string& root, const std::string& path) {
  return root.empty() ? path : resolve_in_root(root, path);
}

absl::StatusOr<FileStatus> status_in_root(const std::string& root, const std::string& path) {
  return status_of(root, openable_path(root, path));
}

absl::StatusOr<std::string> read_in_root(const std::string& root, const std::string& path,
                                         size_t limit) {
  const std::string real = openable_path(root, path);
  const absl::StatusOr<FileStatus> status = status_of(root, real);
  if (!status.ok()) return status.status();
  absl::StatusOr<std::string> content = read_file(real, limit);
  if (content.ok()) return content;
  const absl::Status error = content.status();
  std::string_view reason(error.message().data(), error.message().size());
  const std::string doing = fmt::format("reading {}: ", real);
  if (reason.starts_with(doing)) reason.remove_prefix(doing.size());
  return absl::Status(error.code(), absl::string_view(reason.data(), reason.size()));
}

absl::StatusOr<std::vector<std::string>> list_in_root(const std::string& root,
                                                      const std::string& path, size_t limit) {
  const std::string real = openable_path(root, path);
  const absl::StatusOr<FileStatus> status = status_of(root, real);
  if (!status.ok()) return status.status();
  const DirectoryPtr directory(::opendir(real.empty() ? "/" : real.c_str()));
  if (directory == nullptr) return reason_of(errno);
  std::vector<std::string> names;
  while (true) {
    errno = 0;
    const dirent* entry = ::readdir(directory.get());
    if (entry == nullptr) break;
    const std::string_view name = entry->d_name;
    if (name == "." || name == "..") continue;
    if (names.size() == limit) {
      return absl::OutOfRangeError(fmt::format("it holds more than {} names", limit));
    }
    names.emplace_back(name);
  }
  if (errno != 0) return reason_of(errno);
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace muster::probe
