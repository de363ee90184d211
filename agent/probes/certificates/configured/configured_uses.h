// Which servers of a host are configured with which certificates: the table of the servers that are
// known, and a look at all of them. Blocks; one thread.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "agent/probes/certificates/configured/configuration.h"

namespace muster::configured {

// A server whose configuration is known.
struct Server {
  // As CertificateUse.program.
  std::string_view program;
  // Where its main file is: all of them are read that are there. Patterns as a shell's.
  std::string_view main;
  void (*read)(Configuration& configuration, const std::string& main);
};

std::span<const Server> known_servers();

// Fills `uses` and `unread_configurations` of `facts` from what `source` has. A server whose main
// file is missing is not there, and nothing is said of it.
void find_uses(Source& source, const Limits& limits, v1::CertificateFacts& facts);

// The same below a root, as in a checked request ("" for "/").
void find_uses_in_root(const std::string& root, v1::CertificateFacts& facts);

}  // namespace muster::configured
