// Whether dpkg was interrupted: then its journal (updates/ beside the status file) holds what the
// status file does not say yet, and apt-get refuses to change anything. Blocks; any thread.
#pragma once

#include <string>

namespace muster::packages_apt {

// A sentence for an operator; empty if dpkg ended well. `status_file` as the looked-at system names
// it.
std::string interrupted_dpkg(const std::string& root, const std::string& status_file);

}  // namespace muster::packages_apt
