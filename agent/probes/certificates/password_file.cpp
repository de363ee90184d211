#include "agent/probes/certificates/password_file.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/probes/certificates/secrets.h"
#include "agent/probes/root_files.h"

namespace muster {
namespace {

constexpr size_t kFileLimit = 64 << 10;
// Nobody but the owner writes it; nobody but the owner and the group reads it.
constexpr mode_t kForbidden = S_IWGRP | S_IROTH | S_IWOTH;

absl::Status unusable(std::string_view why) {
  return absl::FailedPreconditionError(fmt::format("{}: its passwords are not used", why));
}

}  // namespace

absl::Status read_password_file(const std::string& root, const std::string& path,
                                PasswordTable& passwords) {
  const absl::StatusOr<probe::FileStatus> status = probe::status_in_root(root, path);
  if (!status.ok()) return unusable(std::string(status.status().message()));
  if (status->owner != 0 && status->owner != ::geteuid()) {
    return unusable("it does not belong to root");
  }
  if ((status->mode & kForbidden) != 0) {
    return unusable(
        fmt::format("its mode is {:o}, others may read or change it: chmod 600", status->mode));
  }
  absl::StatusOr<std::string> text = probe::read_in_root(root, path, kFileLimit);
  if (!text.ok()) return unusable(std::string(text.status().message()));
  const WipeAtEnd wipe(*text);
  return passwords.add(*text);
}

}  // namespace muster
