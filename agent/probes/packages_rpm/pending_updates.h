// Which updates libdnf's sack has for what is installed, and what of it an upgrade would install.
// Calls block; one thread.
#pragma once

#include <map>
#include <set>
#include <string>

#include "agent/probes/packages_rpm/package_sack.h"
#include "agent/probes/packages_rpm/rpm_snapshot.h"
#include "agent/probes/packages_rpm/update_candidates.h"

namespace muster::packages_rpm {

// The installed packages, who offers them, and the vendors of what is offered. `snapshot.packages`
// are in the order of libdnf's ids, which `by_id` has.
void fill_packages(const PackageSack& loaded, RpmSnapshot& snapshot, std::map<int, size_t>& by_id);

// Makes each candidate an update of its package in the snapshot, with errata. Where the package has
// one already it stays.
void add_updates(const PackageSack& loaded, const Candidates& candidates,
                 const std::map<int, size_t>& by_id, const std::string& locked_by,
                 RpmSnapshot& snapshot);

// Marks what `dnf upgrade` would install now; the snapshot's upgrade_error where it would stop.
void plan_upgrade(const PackageSack& loaded, const ManagerSettings& settings,
                  const Candidates& candidates, const std::map<int, size_t>& by_id,
                  RpmSnapshot& snapshot);

}  // namespace muster::packages_rpm
