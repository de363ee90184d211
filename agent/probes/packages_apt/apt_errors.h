// libapt-pkg's global stack of errors, emptied into sentences.
#pragma once

#include <string>
#include <vector>

namespace muster::packages_apt {

struct AptMessages {
  std::vector<std::string> errors;
  std::vector<std::string> warnings;
};

// Takes what has piled up. Notices (a file name without .list is not read) are dropped.
AptMessages take_apt_messages();

// The sentences in one line, at most three.
std::string in_one_line(const std::vector<std::string>& sentences);

}  // namespace muster::packages_apt
