#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>

#include "agent/answers/ask.h"
#include "agent/answers/ways_to_ask.h"
#include "common/descriptor.h"

namespace muster::answers {
namespace {

constexpr rlim_t kProcessorSeconds = 20;
// What a file may grow to, not by: products keep logs.
constexpr rlim_t kFileSize = rlim_t{256} << 20;
constexpr rlim_t kOpenFiles = 1024;
constexpr int kMostLinks = 8;

// Root's, or of whoever runs this where that is not root, and nobody else may write to it.
bool is_safe(const struct stat& status) {
  return (status.st_uid == 0 || status.st_uid == ::geteuid()) &&
         (status.st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

// Follows `path`, which is absolute, one name after the other: each on the way must be safe, the
// links and what they lead to as well, so that nobody but root chooses what is found.
Ending follow(std::string path, std::string& resolved) {
  struct stat status {};
  resolved.clear();
  if (::lstat("/", &status) != 0 || !is_safe(status)) return {Outcome::kUnsafe, EPERM};
  for (int links = 0; !path.empty();) {
    const size_t begin = std::min(path.find_first_not_of('/'), path.size());
    const size_t end = std::min(path.find('/', begin), path.size());
    const std::string name = path.substr(begin, end - begin);
    path.erase(0, end);
    if (name == "..") resolved.erase(std::min(resolved.rfind('/'), resolved.size()));
    if (name.empty() || name == "." || name == "..") continue;
    const std::string next = resolved + "/" + name;
    if (::lstat(next.c_str(), &status) != 0) {
      // What this process may not see may well be there.
      const bool is_absent = errno == ENOENT || errno == ENOTDIR;
      return {is_absent ? Outcome::kAbsent : Outcome::kFailed, errno};
    }
    if (S_ISLNK(status.st_mode)) status.st_mode &= ~(S_IWGRP | S_IWOTH);  // says nothing of a link
    if (!is_safe(status)) return {Outcome::kUnsafe, EPERM};
    if (S_ISLNK(status.st_mode)) {
      std::array<char, PATH_MAX> target{};
      if (::readlink(next.c_str(), target.data(), target.size() - 1) <= 0 || ++links > kMostLinks) {
        return {Outcome::kUnsafe, ELOOP};
      }
      path.insert(0, std::string(target.data()) + "/");
      if (target[0] == '/') resolved.clear();
    } else {
      resolved = next;
    }
  }
  return S_ISREG(status.st_mode) ? Ending{} : Ending{Outcome::kUnsafe, EPERM};
}

void limit(__rlimit_resource resource, rlim_t most) {
  rlimit now{};
  if (::getrlimit(resource, &now) != 0 || now.rlim_max < most) return;
  now = {most, most};
  ::setrlimit(resource, &now);
}

}  // namespace

Ending find_path(const Question& question, std::string& resolved) {
  const bool is_command = question.kind == Kind::kCommand;
  Ending found{Outcome::kAbsent, ENOENT};
  for (const char* const path : is_command ? question.paths : question.settings) {
    if (path != nullptr && found.outcome == Outcome::kAbsent) found = follow(path, resolved);
  }
  if (is_command || found.outcome != Outcome::kAbsent) return found;
  resolved.clear();
  const bool is_known = question.kind == Kind::kAudit || question.kind == Kind::kProcesses ||
                        (question.kind == Kind::kUnixSocket &&
                         std::any_of(question.paths.begin(), question.paths.end(), is_there));
  return is_known ? Ending{} : found;
}

Ending become_command(const Question& question, const std::string& resolved) {
  for (const int signal : {SIGPIPE, SIGCHLD, SIGHUP, SIGTERM, SIGINT})
    ::signal(signal, SIG_DFL);
  // A log that is full is no reason to end.
  ::signal(SIGXFSZ, SIG_IGN);
  // What it keeps is to be as it would be if an operator had called it.
  ::umask(022);
  limit(RLIMIT_CORE, 0);
  limit(RLIMIT_CPU, kProcessorSeconds);
  limit(RLIMIT_FSIZE, kFileSize);
  limit(RLIMIT_NOFILE, kOpenFiles);
  std::array<char*, std::tuple_size_v<decltype(Question::arguments)> + 2> words{};
  words[0] = const_cast<char*>(resolved.c_str());
  for (size_t i = 0; i < question.arguments.size(); ++i)
    words[i + 1] = const_cast<char*>(question.arguments[i]);
  char language[] = "LANG=C";
  char locale[] = "LC_ALL=C";
  char path[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";
  char home[] = "HOME=/root";
  std::array<char*, 5> environment{language, locale, path, home, nullptr};
  ::execve(resolved.c_str(), words.data(), environment.data());
  return {Outcome::kFailed, errno};
}

void end_leftovers() {
  // Each that is killed may leave children of its own to this process.
  for (int rounds = 0; rounds < 50; ++rounds) {
    std::array<char, 4096> text{};
    const Descriptor file(::open("/proc/thread-self/children", O_RDONLY | O_CLOEXEC));
    const ssize_t size = ::read(file.get(), text.data(), text.size() - 1);
    if (size <= 0) return;
    char* next = text.data();
    while (*next != '\0') {
      const long pid = std::strtol(next, &next, 10);
      if (pid <= 0) break;
      ::kill(static_cast<pid_t>(pid), SIGKILL);
    }
    while (::waitpid(-1, nullptr, WNOHANG) > 0) {
    }
    ::poll(nullptr, 0, 10);
  }
}

}  // namespace muster::answers
