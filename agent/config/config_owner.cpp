#include "agent/config/config_owner.h"

#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace muster::agent {
namespace {

constexpr int kMostLinks = 8;

OpenedConfig refused(std::string why) {
  return {.file = {}, .why = std::move(why), .error = 0};
}

OpenedConfig not_opened(const std::string& path, int error) {
  return {.file = {}, .why = path + ": " + ::strerrordesc_np(error), .error = error};
}

// Empty if the file, or the link to it, is there by the will of who may say.
std::string find_intruder(const struct stat& status, const std::string& path) {
  if (status.st_uid != 0 && status.st_uid != ::geteuid()) {
    return path + " belongs to user " + std::to_string(status.st_uid) +
           ", who could make a privileged probe read any file: look at what it says, then chown -h "
           "root " +
           path;
  }
  if (status.st_nlink > 1) {
    return path + " is a hard link to a file with another name, too: put a copy in its place";
  }
  return {};
}

OpenedConfig judge(Descriptor file, const std::string& path) {
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) return not_opened(path, errno);
  if (!S_ISREG(status.st_mode)) return refused(path + " is not a regular file");
  if (std::string intruder = find_intruder(status, path); !intruder.empty()) {
    return refused(std::move(intruder));
  }
  if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
    return refused(path + " can be written by others than its owner: chmod go-w " + path);
  }
  return {.file = std::move(file), .why = {}, .error = 0};
}

}  // namespace

OpenedConfig open_config(const std::string& path) {
  std::string next = path;
  Descriptor directory(::open(".", O_PATH | O_DIRECTORY | O_CLOEXEC));
  for (int links = 0; links <= kMostLinks; ++links) {
    const size_t name_at = next.rfind('/') + 1;  // 0 without one
    const std::string name = next.substr(name_at);
    if (name_at > 0) {
      directory.reset(::openat(directory.get(), next.substr(0, name_at).c_str(),
                               O_PATH | O_DIRECTORY | O_CLOEXEC));
    }
    if (directory.get() < 0) return not_opened(path, errno);
    Descriptor file(::openat(directory.get(), name.c_str(),
                             O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
    if (file.get() >= 0) return judge(std::move(file), path);
    if (errno != ELOOP) return not_opened(path, errno);
    // A link is followed by what it says while its owner is known.
    const Descriptor found(
        ::openat(directory.get(), name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
    struct stat status {};
    if (found.get() < 0 || ::fstat(found.get(), &status) != 0) return not_opened(path, errno);
    if (std::string intruder = find_intruder(status, path); !intruder.empty()) {
      return refused(std::move(intruder));
    }
    next.resize(PATH_MAX);
    const ssize_t size = ::readlinkat(found.get(), "", next.data(), next.size());
    if (size < 0) return not_opened(path, errno);
    next.resize(static_cast<size_t>(size));
  }
  return not_opened(path, ELOOP);
}

}  // namespace muster::agent
