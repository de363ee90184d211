#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>

#include "tests/agent/sandbox/hostile_acts.h"

namespace muster::hostile {
namespace {

Answer answer(const char* call, int returned) {
  return returned < 0 ? Answer{call, errno} : Answer{};
}

// Makes a file and takes it away again.
Answer make(const std::string& path) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0) return {"open", errno};
  ::close(file);
  ::unlink(path.c_str());
  return {};
}

Answer read_some(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  if (file < 0) return {"open", errno};
  char byte = 0;
  const ssize_t count = ::read(file, &byte, 1);
  const int error = errno;
  ::close(file);
  return count < 0 ? Answer{"read", error} : Answer{};
}

Answer read_descriptor(const std::string& number) {
  char byte = 0;
  return ::read(std::stoi(number), &byte, 1) == 1 ? Answer{} : Answer{"read", errno};
}

Answer write_descriptor(const std::string& number) {
  return ::write(std::stoi(number), "x", 1) == 1 ? Answer{} : Answer{"write", errno};
}

Answer list(const std::string& path) {
  DIR* directory = ::opendir(path.c_str());
  if (directory == nullptr) return {"opendir", errno};
  ::closedir(directory);
  return {};
}

Answer append(const std::string& path) {
  return answer("open", ::open(path.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC));
}

Answer make_nameless(const std::string& directory) {
  return answer("open", ::open(directory.c_str(), O_RDWR | O_TMPFILE | O_CLOEXEC, 0600));
}

constexpr auto kActs = std::to_array<Act>({
    {"make-file", make},
    {"read-descriptor", read_descriptor},
    {"write-descriptor", write_descriptor},
    {"make-file-here", [](const std::string&) { return make("muster-hostile"); }},
    {"make-nameless-file", make_nameless},
    {"make-directory",
     [](const std::string& path) { return answer("mkdir", ::mkdir(path.c_str(), 0700)); }},
    {"make-link",
     [](const std::string& path) { return answer("symlink", ::symlink("/", path.c_str())); }},
    {"make-fifo",
     [](const std::string& path) { return answer("mkfifo", ::mkfifo(path.c_str(), 0600)); }},
    {"append", append},
    {"append-to-itself", [](const std::string&) { return append("/proc/self/exe"); }},
    {"truncate",
     [](const std::string& path) { return answer("truncate", ::truncate(path.c_str(), 0)); }},
    {"open-and-truncate",
     [](const std::string& path) { return answer("open", ::open(path.c_str(), O_TRUNC)); }},
    {"remove", [](const std::string& path) { return answer("unlink", ::unlink(path.c_str())); }},
    {"change-mode",
     [](const std::string& path) { return answer("chmod", ::chmod(path.c_str(), 0777)); }},
    {"change-owner",
     [](const std::string& path) { return answer("chown", ::chown(path.c_str(), 0, 0)); }},
    {"change-times",
     [](const std::string& path) {
       return answer("utimensat", ::utimensat(AT_FDCWD, path.c_str(), nullptr, 0));
     }},
    {"change-attribute",
     [](const std::string& path) {
       return answer("setxattr", ::setxattr(path.c_str(), "user.muster", "x", 1, 0));
     }},
    {"read", read_some},
    // What everybody may read, and no declaration names; a setting of the launcher opens all that
    // it names, so this needs none.
    {"read-hosts", [](const std::string&) { return read_some("/etc/hosts"); }},
    {"list", list},
});

}  // namespace

std::span<const Act> acts_on_files() {
  return kActs;
}

}  // namespace muster::hostile
