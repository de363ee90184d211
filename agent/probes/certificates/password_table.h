// The passwords of key stores and keys, as root's files of the setting password_files give them:
// a line for each, "GLOB PASSWORD". Pure; one thread.
#pragma once

#include <absl/status/status.h>

#include <string>
#include <string_view>
#include <vector>

#include "agent/probes/certificates/secrets.h"

namespace muster {

class PasswordTable {
 public:
  // The lines of one file. "#" begins a comment line. The glob is absolute and without white space
  // (write ? for a blank), as `*` it matches no slash; the password is the rest of the line.
  // InvalidArgument names the line, and nothing that stands in it.
  absl::Status add(std::string_view text);

  // Those whose glob matches one of the paths, in the order given; at most kMostTried.
  std::vector<std::string_view> passwords_for(const std::string& path,
                                              const std::string& links_to) const;

  static constexpr size_t kMostLines = 1024;
  static constexpr size_t kMostTried = 8;
  // Of one password, in bytes.
  static constexpr size_t kLongest = 1024;

 private:
  struct Line {
    std::string glob;
    SecretText password;
  };
  std::vector<Line> lines_;
};

}  // namespace muster
