#include "agent/output/check_memory_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <utility>

#include "agent/output/check_memory.h"
#include "agent/privileges.h"
#include "common/files.h"

namespace muster::agent {
namespace {

namespace fs = std::filesystem;

constexpr mode_t kFileMode = 0600;
constexpr mode_t kDirectoryMode = 0700;
// What the writer is told before the text, in one byte.
constexpr char kReplace = 'r';
constexpr char kKeepOld = 'k';

// The directory and those above it, none of which others may look into.
absl::Status make_directories(const fs::path& directory) {
  std::error_code error;
  if (directory.empty() || fs::is_directory(directory, error)) return absl::OkStatus();
  absl::Status made = make_directories(directory.parent_path());
  return made.ok() ? make_directory(directory.string(), kDirectoryMode) : made;
}

// Where nobody else can put anything: who runs it as root reads and writes there.
absl::Status check_owner(const std::string& directory) {
  struct stat found {};
  if (::lstat(directory.c_str(), &found) != 0) {
    return errno_status(errno, fmt::format("looking at {}", directory));
  }
  constexpr mode_t kOthersWrite = S_IWGRP | S_IWOTH;
  if (S_ISDIR(found.st_mode) && found.st_uid == ::geteuid() &&
      (found.st_mode & kOthersWrite) == 0) {
    return absl::OkStatus();
  }
  return absl::PermissionDeniedError(
      fmt::format("{} is not a directory of this user alone", directory));
}

// What comes until the other end closes, up to `limit` bytes; errno is 0 where it came to its end.
std::string read_to_end(int descriptor, size_t limit) {
  std::string text;
  std::array<char, 4096> piece{};
  for (;;) {
    const ssize_t got = ::read(descriptor, piece.data(), piece.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0 || text.size() + static_cast<size_t>(got) > limit) return text;
    text.append(piece.data(), static_cast<size_t>(got));
  }
}

absl::Status send_all(int socket, std::string_view text) {
  while (!text.empty()) {
    const ssize_t sent = ::send(socket, text.data(), text.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) return errno_status(errno, "telling the writer");
    text.remove_prefix(static_cast<size_t>(sent));
  }
  return absl::OkStatus();
}

}  // namespace

CheckMemoryFile::CheckMemoryFile(std::string path, std::string text)
    : path_(std::move(path)), text_(std::move(text)) {}

CheckMemoryFile::CheckMemoryFile(CheckMemoryFile&& other) noexcept
    : path_(std::move(other.path_)),
      text_(std::move(other.text_)),
      to_writer_(std::move(other.to_writer_)),
      writer_(std::exchange(other.writer_, -1)) {}

CheckMemoryFile::~CheckMemoryFile() {
  wait_for_writer();
}

absl::StatusOr<CheckMemoryFile> CheckMemoryFile::open(const std::string& path) {
  if (path.empty()) return absl::NotFoundError("this user has no home");
  const std::string directory = fs::path(path).parent_path().string();
  if (absl::Status made = make_directories(directory); !made.ok()) return made;
  if (absl::Status owned = check_owner(directory); !owned.ok()) return owned;
  if (::access(directory.c_str(), W_OK | X_OK) != 0) {
    return errno_status(errno, fmt::format("writing into {}", directory));
  }
  absl::StatusOr<std::string> text = read_file(path, kCheckMemoryLimit);
  if (absl::IsNotFound(text.status())) text = std::string();
  // One that is too long is as damaged as one that makes no sense; one that is no file stays.
  if (absl::IsOutOfRange(text.status())) text = std::string("too long");
  if (!text.ok()) return text.status();
  CheckMemoryFile file(path, *std::move(text));
  if (::geteuid() != 0) return file;
  absl::Status started = file.start_writer();
  if (!started.ok()) return started;
  return file;
}

absl::Status CheckMemoryFile::start_writer() {
  std::array<int, 2> ends{-1, -1};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    return errno_status(errno, "making a socket for the writer");
  }
  Descriptor ours(ends[0]);
  Descriptor its(ends[1]);
  writer_ = ::fork();
  if (writer_ < 0) return errno_status(errno, "forking for the writer");
  if (writer_ == 0) {
    ours.reset(-1);
    serve(its);
  }
  to_writer_ = std::move(ours);
  return absl::OkStatus();
}

void CheckMemoryFile::serve(const Descriptor& from) const {
  // The file is root's: no capability is needed for it.
  if (!become({.name = "root", .user = 0, .group = 0}).ok()) ::_exit(EPERM);
  const std::string told = read_to_end(from.get(), kCheckMemoryLimit + 1);
  // Nothing, where nothing was to be written, or not all of it.
  const bool is_whole = !told.empty() && is_whole_check_memory(std::string_view(told).substr(1));
  if (!is_whole) ::_exit(told.empty() ? 0 : EINVAL);
  const absl::Status written = write(std::string_view(told).substr(1), told.front() == kKeepOld);
  ::_exit(written.ok() ? 0 : (errno != 0 ? errno : EIO));
}

absl::Status CheckMemoryFile::write(std::string_view text, bool keep_old) const {
  if (keep_old && ::rename(path_.c_str(), damaged_path().c_str()) != 0) {
    return errno_status(errno, fmt::format("renaming {}", path_));
  }
  return write_file_atomically(path_, text, kFileMode);
}

int CheckMemoryFile::wait_for_writer() {
  to_writer_.reset(-1);
  const pid_t writer = std::exchange(writer_, -1);
  if (writer < 0) return 0;
  int status = 0;
  while (::waitpid(writer, &status, 0) < 0) {
    if (errno != EINTR) return errno;
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : EIO;
}

absl::Status CheckMemoryFile::replace(std::string_view text, bool keep_old) {
  if (writer_ < 0) return write(text, keep_old);
  const std::string_view order(keep_old ? &kKeepOld : &kReplace, 1);
  absl::Status sent = send_all(to_writer_.get(), order);
  if (sent.ok()) sent = send_all(to_writer_.get(), text);
  const int error = wait_for_writer();
  if (!sent.ok()) return sent;
  return error == 0 ? absl::OkStatus() : errno_status(error, fmt::format("writing {}", path_));
}

}  // namespace muster::agent
