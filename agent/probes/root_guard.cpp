#include "agent/probes/root_guard.h"

#include <absl/status/statusor.h>
#include <fmt/format.h>

#include <filesystem>
#include <system_error>

#include "agent/probes/probe_program.h"
#include "agent/probes/root_files.h"
#include "common/text.h"

namespace muster::probe {
namespace {

namespace fs = std::filesystem;

// What is wrong with the file at `real`, a path of this system without links at its end.
absl::Status check_file(const std::string& real, const std::string& shown) {
  std::error_code error;
  const fs::file_status status = fs::status(real, error);
  // A missing or unreadable one is the library's to report, with its reason.
  if (error || !fs::exists(status) || fs::is_directory(status)) return absl::OkStatus();
  if (!fs::is_regular_file(status)) {
    return absl::FailedPreconditionError(
        fmt::format("{} is not a regular file; remove it", printable(shown, 256)));
  }
  const uintmax_t size = fs::file_size(real, error);
  if (!error && size > kLargestFile) {
    return absl::OutOfRangeError(fmt::format("{} has {} bytes, more than the {} that are read",
                                             printable(shown, 256), size, kLargestFile));
  }
  return absl::OkStatus();
}

// Whether `direct`, a path of this system, ends where the looked-at system sees `shown` end.
absl::Status check_ends(const std::string& root, const std::string& direct,
                        const std::string& shown) {
  std::error_code error;
  const fs::path seen_from_here = fs::canonical(direct, error);
  const bool ends_here = !error;
  const fs::path seen_from_inside = fs::canonical(resolve_in_root(root, shown), error);
  const bool ends_inside = !error;
  if (ends_here == ends_inside && seen_from_here == seen_from_inside) return absl::OkStatus();
  return absl::FailedPreconditionError(
      fmt::format("{} is a link that leads out of {}; look from inside instead (chroot)",
                  printable(shown, 256), printable(root, 256)));
}

absl::Status check_entry(const std::string& root, const std::string& real_directory,
                         const std::string& shown, const std::string& name) {
  const std::string direct = real_directory + "/" + name;
  const std::string inside = openable_path(root, shown);
  std::error_code error;
  if (!root.empty() && fs::is_symlink(direct, error)) {
    if (absl::Status status = check_ends(root, direct, shown); !status.ok()) return status;
  }
  return check_file(inside, shown);
}

}  // namespace

absl::Status check_openable(const std::string& root, const std::vector<std::string>& files,
                            const std::vector<std::string>& directories) {
  for (const std::string& file : files) {
    if (file == "/dev/null") continue;
    if (absl::Status status = check_file(openable_path(root, file), file); !status.ok()) {
      return status;
    }
  }
  for (const std::string& directory : directories) {
    if (directory == "/dev/null") continue;
    const auto names = list_in_root(root, directory, kMostFilesOfDirectory);
    if (absl::IsOutOfRange(names.status())) {
      return absl::OutOfRangeError(fmt::format("{} has more than {} entries",
                                               printable(directory, 256), kMostFilesOfDirectory));
    }
    if (!names.ok()) continue;  // as above: missing or unreadable
    const std::string real = openable_path(root, directory);
    for (const std::string& name : *names) {
      if (absl::Status status = check_entry(root, real, directory + "/" + name, name);
          !status.ok()) {
        return status;
      }
    }
  }
  return absl::OkStatus();
}

absl::Status check_joined(const std::string& root, const std::vector<std::string>& paths) {
  if (root.empty()) return absl::OkStatus();
  for (const std::string& path : paths) {
    if (absl::Status status = check_ends(root, root + path, path); !status.ok()) return status;
  }
  return absl::OkStatus();
}

}  // namespace muster::probe
