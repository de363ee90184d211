// Runs a program for a test and waits for it.
#pragma once

#include <string>
#include <vector>

namespace muster::test {

struct CommandResult {
  // The exit status; 128 + the signal if one ended it; 127 if it could not be started.
  int status = 127;
  std::string output;
};

// `arguments[0]` is looked up in the usual directories. The environment is exactly `environment`
// and a PATH; stdin is empty; stderr goes to the test's.
CommandResult run_command(const std::vector<std::string>& arguments,
                          const std::vector<std::string>& environment = {});

}  // namespace muster::test
