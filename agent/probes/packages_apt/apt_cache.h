// Reads libapt-pkg's cache into an AptSnapshot: which packages there are, what waits, and what
// `apt-get dist-upgrade` would do. Takes no lock, writes no cache, needs no network.
#pragma once

#include <absl/status/statusor.h>

#include "agent/probes/packages_apt/apt_paths.h"
#include "agent/probes/packages_apt/apt_snapshot.h"

namespace muster::packages_apt {

// Needs libapt-pkg to be configured (apt_configuration.h). An error where apt itself would refuse:
// lists, sources or status that cannot be read or parsed.
absl::StatusOr<AptSnapshot> read_apt_cache(const AptPaths& paths);

}  // namespace muster::packages_apt
