#include "agent/probes/packages_apt/apt_errors.h"

#include <apt-pkg/error.h>

#include <sstream>

#include "common/text.h"

namespace muster::packages_apt {

AptMessages take_apt_messages() {
  std::stringstream dumped;
  // Merging: what a nested stack holds would stay unseen. The stack is empty afterwards.
  _error->DumpErrors(dumped, GlobalError::WARNING, true);
  _error->Discard();
  AptMessages messages;
  for (std::string line; std::getline(dumped, line);) {
    const bool is_error = line.starts_with("E: ");
    if (!is_error && !line.starts_with("W: ")) continue;  // the rest of a long message
    (is_error ? messages.errors : messages.warnings).push_back(printable(line.substr(3), 512));
  }
  return messages;
}

std::string in_one_line(const std::vector<std::string>& sentences) {
  return join_some(sentences, 3);
}

}  // namespace muster::packages_apt
