// Sets up libapt-pkg's global configuration for one look at one root. The configuration of the
// looked-at system is read apart, and only what decides which updates there are is taken over from
// it: no setting that names a command, a solver, a log or a cache to write. What libapt-pkg could
// run all the same (dpkg, ischroot) is set to something that is no program.
#pragma once

#include <absl/status/statusor.h>

#include <string>
#include <vector>

#include "agent/probes/packages_apt/apt_paths.h"

namespace muster::packages_apt {

inline constexpr size_t kLargestConfigurationFile = 1 << 20;

// Once a process, before anything else of libapt-pkg. Empties the environment: variables of the
// caller must change nothing. `problems` gets what was left out.
absl::StatusOr<AptPaths> configure_apt(const std::string& root, std::vector<std::string>& problems);

}  // namespace muster::packages_apt
