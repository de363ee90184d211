// Files read with a bound and written so that a crash leaves the old one or the new one. Any
// thread; calls block.
#pragma once

#include <absl/status/status.h>
#include <absl/status/statusor.h>
#include <sys/types.h>

#include <chrono>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace muster {

// The status for an errno, with what was being done: "reading /etc/x: Permission denied". ENOENT is
// NotFound, EACCES and EPERM PermissionDenied, ENOSPC and EDQUOT ResourceExhausted, else
// Unavailable.
absl::Status errno_status(int error, std::string_view doing);

// The whole file. OutOfRange if it is larger than `limit` bytes; FailedPrecondition if it is not a
// regular file (a FIFO would block).
absl::StatusOr<std::string> read_file(const std::string& path, size_t limit);

// Replaces `path`: writes beside it, syncs, renames, syncs the directory. `mode` is exact, whatever
// the umask. On error nothing is left beside it and `path` is as it was.
absl::Status write_file_atomically(const std::string& path, std::string_view content, mode_t mode);

struct FileToWrite {
  std::string path;
  // It outlives the call.
  std::string_view content;
};
// Replaces each of them so, and tells how each went. All are in one directory. More than a few are
// synced with one sync of their file system, which costs what else is to be written there, but not
// one wait for the disk each. A kill leaves old ones and new ones, the new in front.
std::vector<absl::Status> write_files_atomically(std::span<const FileToWrite> files, mode_t mode);

// Whether `name` is what write_file_atomically leaves beside `original` when the process is killed
// in it. Names without their directory.
bool is_temporary_of(std::string_view name, std::string_view original);

// Removes what such kills left beside `path`, if it was last written that long ago. With 0 only
// while nobody else writes it.
void remove_temporary_files(const std::string& path,
                            std::chrono::seconds least_age = std::chrono::seconds(0));

// Makes the directory if it is missing (not its parents), with exactly `mode`.
absl::Status make_directory(const std::string& path, mode_t mode);

// Syncs a directory, so that names created, renamed or removed in it survive a power cut.
absl::Status sync_directory(const std::string& path);

}  // namespace muster
