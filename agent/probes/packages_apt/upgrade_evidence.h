// Reads what automatic_updates.h judges by: apt's settings, the units that start apt's jobs, the
// stamps that the jobs leave, and which distribution this is. Calls block.
#pragma once

#include <string>

#include "agent/probes/packages_apt/apt_paths.h"
#include "agent/probes/packages_apt/apt_snapshot.h"
#include "agent/probes/packages_apt/automatic_updates.h"

namespace muster::packages_apt {

// Needs libapt-pkg to be configured (apt_configuration.h).
UpgradeEvidence read_upgrade_evidence(const std::string& root, const AptPaths& paths,
                                      const AptSnapshot& snapshot);

}  // namespace muster::packages_apt
