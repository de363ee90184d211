#include "collector/service/state_owner.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <string_view>
#include <system_error>

#include "common/files.h"
#include "common/text.h"

namespace muster::collector {
namespace {

constexpr size_t kFilesShown = 10;

// What is written in place; the rest is read, or replaced by a new file.
bool is_written(std::string_view name) {
  return name.starts_with("store.db") || name == "revocations";
}

bool is_open_to_us(const std::string& path, int how) {
  return ::faccessat(AT_FDCWD, path.c_str(), how, AT_EACCESS) == 0 || errno != EACCES;
}

// The plain files that the collector of the directory cannot use.
std::vector<std::string> closed_files(const std::string& directory) {
  std::vector<std::string> closed;
  std::error_code error;
  for (std::filesystem::directory_iterator entry(directory, error), end; !error && entry != end;
       entry.increment(error)) {
    std::error_code ignored;
    if (!std::filesystem::is_regular_file(entry->symlink_status(ignored))) continue;
    const std::string path = entry->path();
    const int how = is_written(entry->path().filename().native()) ? R_OK | W_OK : R_OK;
    if (!is_open_to_us(path, how)) closed.push_back(printable(path));
  }
  std::sort(closed.begin(), closed.end());
  return closed;
}

}  // namespace

std::optional<Owner> owner_to_become(uid_t running_as, const Owner& directory) {
  if (running_as != 0 || directory.user == 0) return std::nullopt;
  return directory;
}

absl::StatusOr<std::unique_ptr<ActingAsOwner>> ActingAsOwner::of(const std::string& directory) {
  std::unique_ptr<ActingAsOwner> acting(new ActingAsOwner());
  struct stat status {};
  // One that is not there has no owner; who opens its files says that it is not there.
  if (::stat(directory.c_str(), &status) != 0) return acting;
  const std::optional<Owner> owner =
      owner_to_become(::geteuid(), {.user = status.st_uid, .group = status.st_gid});
  if (!owner) return acting;
  if (absl::Status became = acting->become(*owner); !became.ok()) return became;
  return acting;
}

absl::Status ActingAsOwner::become(const Owner& owner) {
  const std::string doing =
      fmt::format("becoming user {}, whose the state directory is", owner.user);
  const int count = ::getgroups(0, nullptr);
  groups_.resize(static_cast<size_t>(std::max(count, 0)));
  if (count < 0 || ::getgroups(count, groups_.data()) < 0) return errno_status(errno, doing);
  group_ = ::getegid();
  // From here on the destructor goes back.
  changed_ = true;
  const passwd* const entry = ::getpwuid(owner.user);
  const gid_t group = entry == nullptr ? owner.group : entry->pw_gid;
  const int grouped =
      entry == nullptr ? ::setgroups(1, &group) : ::initgroups(entry->pw_name, group);
  if (grouped != 0 || ::setegid(group) != 0 || ::seteuid(owner.user) != 0) {
    return errno_status(errno, doing);
  }
  return absl::OkStatus();
}

ActingAsOwner::~ActingAsOwner() {
  if (!changed_) return;
  // What is neither root nor the owner must not go on.
  if (::seteuid(0) != 0 || ::setegid(group_) != 0 ||
      ::setgroups(groups_.size(), groups_.data()) != 0) {
    std::abort();
  }
}

absl::Status explain_owner(const absl::Status& status, const std::string& directory) {
  if (status.ok()) return status;
  const std::string us = fmt::format("{}:{}", ::geteuid(), ::getegid());
  std::string help;
  if (!is_open_to_us(directory, R_OK | W_OK | X_OK)) {
    help = fmt::format("chown -R {} {}", us, printable(directory));
  } else if (const std::vector<std::string> closed = closed_files(directory); !closed.empty()) {
    help = closed.size() > kFilesShown ? fmt::format("chown -R {} {}", us, printable(directory))
                                       : fmt::format("chown {} {}", us, fmt::join(closed, " "));
  }
  if (help.empty()) return status;
  return absl::Status(
      status.code(),
      fmt::format("{}. Files of the state directory cannot be opened by the user that this runs "
                  "as; as root: {}",
                  std::string(status.message()), help));
}

}  // namespace muster::collector
