// How a launcher that was started as a child ended. Any thread.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

namespace muster::agent {

// Waits for a child that has closed its socket, and so is ending: its wait status, or nothing.
std::optional<int> reap_launcher(pid_t child);
// "it was ended by signal 9"; nothing: it is not known.
std::string describe_launcher_end(std::optional<int> status);
// Whether it ended because of what another attempt would not change.
bool another_would_be_refused(int status);

}  // namespace muster::agent
