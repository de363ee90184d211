#include "agent/probes/certificates/password_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "agent/probes/certificates/secrets.h"
#include "agent/probes/probe_program.h"
#include "agent/probes/root_files.h"
#include "common/descriptor.h"

namespace muster {
namespace {

constexpr size_t kFileLimit = 64 << 10;
// Nobody but the owner writes it; nobody but the owner and the group reads it.
constexpr mode_t kForbidden = S_IWGRP | S_IROTH | S_IWOTH;

absl::Status unusable(std::string_view why) {
  return absl::FailedPreconditionError(fmt::format("{}: its passwords are not used", why));
}

absl::Status unusable(int error) {
  return unusable(std::generic_category().message(error));
}

// What `file` is, and not what its path may lead to by now, decides whether it is read.
absl::Status check(const Descriptor& file) {
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) return unusable(errno);
  if (!S_ISREG(status.st_mode)) return unusable("it is not a regular file");
  if (status.st_uid != 0 && status.st_uid != ::geteuid()) {
    return unusable("it does not belong to root");
  }
  if ((status.st_mode & kForbidden) != 0) {
    return unusable(fmt::format("its mode is {:o}, others may read or change it: chmod 600",
                                status.st_mode & 07777U));
  }
  return absl::OkStatus();
}

// All of it into `text`, of which the caller takes care.
absl::Status read_all(const Descriptor& file, std::string& text) {
  text.resize(kFileLimit + 1);
  size_t size = 0;
  while (size < text.size()) {
    const ssize_t count = ::read(file.get(), text.data() + size, text.size() - size);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return unusable(errno);
    if (count == 0) break;
    size += static_cast<size_t>(count);
  }
  if (size > kFileLimit) {
    return unusable(fmt::format("it is larger than the limit of {} bytes", kFileLimit));
  }
  text.resize(size);
  return absl::OkStatus();
}

}  // namespace

absl::Status read_password_file(const std::string& root, const std::string& path,
                                PasswordTable& passwords) {
  const std::string real = probe::openable_path(root, path);
  if (probe::gave_up(real)) return unusable(ELOOP);
  // Below a root the links have been followed: one that has come since would lead out of it. A FIFO
  // is not waited for.
  const int links = root.empty() ? 0 : O_NOFOLLOW;
  const Descriptor file(::open(real.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | links));
  if (file.get() < 0) return unusable(errno);
  if (absl::Status status = check(file); !status.ok()) return status;
  std::string text;
  const WipeAtEnd wipe(text);
  if (absl::Status status = read_all(file, text); !status.ok()) return status;
  return passwords.add(text);
}

}  // namespace muster
