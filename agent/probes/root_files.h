// Files and directories of the looked-at system, read inside its root: what probes that read files
// share. Links are followed as a chroot would (probe::resolve_in_root). Calls block; any thread.
#pragma once

#include <absl/status/statusor.h>
#include <google/protobuf/timestamp.pb.h>
#include <sys/types.h>

#include <string>
#include <vector>

namespace muster::probe {

enum class FileKind { kRegular, kDirectory, kOther };

// What stat says of a path, links followed.
struct FileStatus {
  FileKind kind = FileKind::kOther;
  // Absent when it lies outside the years a Timestamp can hold.
  google::protobuf::Timestamp modified_at;
  bool has_modified_at = false;
  // Tell two names of one directory apart from two directories.
  uint64_t device = 0;
  uint64_t inode = 0;
  uid_t owner = 0;
  gid_t group = 0;
  // Permission bits.
  mode_t mode = 0;
};

// What to open for `path` inside a root: resolve_in_root, but on this system itself the path as it
// is, whose links the kernel follows in the same way and without a call for each part.
std::string openable_path(const std::string& root, const std::string& path);

// The errors of these say only why ("Permission denied"): the caller knows the path, and the path
// of this system would mislead in a look at an image. NotFound where the path or a parent is
// missing.
absl::StatusOr<FileStatus> status_in_root(const std::string& root, const std::string& path);
// As muster::read_file: OutOfRange beyond `limit`, FailedPrecondition if it is no regular file.
absl::StatusOr<std::string> read_in_root(const std::string& root, const std::string& path,
                                         size_t limit);
// The names in a directory, in byte order, without "." and ".."; OutOfRange beyond `limit` names.
absl::StatusOr<std::vector<std::string>> list_in_root(const std::string& root,
                                                      const std::string& path, size_t limit);

}  // namespace muster::probe
