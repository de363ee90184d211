#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>

#include "agent/answers/ways_to_ask.h"

namespace muster::answers {
namespace {

constexpr rlim_t kProcessorSeconds = 20;
// What a file may grow to, not by: products keep logs.
constexpr rlim_t kFileSize = rlim_t{256} << 20;
constexpr rlim_t kOpenFiles = 1024;

// Root's, or of whoever runs this where that is not root, and nobody else may write to it.
bool is_safe(const struct stat& status) {
  return (status.st_uid == 0 || status.st_uid == ::geteuid()) &&
         (status.st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

// `path` is absolute and has no links, so that nobody but its owners changes what is at it.
Ending judge(const std::string& path) {
  struct stat status {};
  for (size_t end = 0; end != std::string::npos; end = path.find('/', end + 1)) {
    const std::string directory = path.substr(0, end == 0 ? 1 : end);
    if (::lstat(directory.c_str(), &status) != 0) return {Outcome::kAbsent, errno};
    if (!S_ISDIR(status.st_mode) || !is_safe(status)) return {Outcome::kUnsafe, EPERM};
  }
  if (::lstat(path.c_str(), &status) != 0) return {Outcome::kAbsent, errno};
  if (!S_ISREG(status.st_mode) || !is_safe(status)) return {Outcome::kUnsafe, EPERM};
  return {};
}

void limit(__rlimit_resource resource, rlim_t most) {
  rlimit now{};
  if (::getrlimit(resource, &now) != 0 || now.rlim_max < most) return;
  now = {most, most};
  ::setrlimit(resource, &now);
}

}  // namespace

Ending find_program(const Question& question, std::string& resolved) {
  Ending absent{Outcome::kAbsent, ENOENT};
  for (const char* const path : question.paths) {
    if (path == nullptr) break;
    std::array<char, PATH_MAX> real{};
    if (::realpath(path, real.data()) == nullptr) {
      // What this process may not see may well be there.
      if (errno != ENOENT && errno != ENOTDIR) absent = {Outcome::kFailed, errno};
      continue;
    }
    resolved = real.data();
    return judge(resolved);
  }
  return absent;
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

}  // namespace muster::answers
