// A command of the shell, run to its end by a test.
#pragma once

#include <sys/wait.h>

#include <cstdio>
#include <string>

#include "common/files.h"
#include "tests/common/temporary_directory.h"

namespace muster::test {

struct Ended {
  // 0 to 255, or -1 if it could not be started or a signal ended it.
  int status = -1;
  // Both outputs, as they came.
  std::string output;
};

// With `input` as its standard input.
inline Ended run_command(const std::string& command, const std::string& input = {}) {
  const TemporaryDirectory directory;
  const std::string path = directory.path() + "/input";
  if (!write_file_atomically(path, input, 0600).ok()) return {};
  Ended ended;
  FILE* const pipe = ::popen((command + " <" + path + " 2>&1").c_str(), "r");
  if (pipe == nullptr) return ended;
  for (int c = std::fgetc(pipe); c != EOF; c = std::fgetc(pipe)) {
    ended.output += static_cast<char>(c);
  }
  const int status = ::pclose(pipe);
  ended.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return ended;
}

}  // namespace muster::test
