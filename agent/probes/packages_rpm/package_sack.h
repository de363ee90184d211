// libdnf's sack of a system: what is installed and what the cached repositories offer, with
// modules, excludes and locks as dnf applies them. Calls block; one thread.
#pragma once

#include <absl/status/statusor.h>

#include <set>
#include <string>
#include <vector>

#include "agent/probes/packages_rpm/libdnf_types.h"
#include "agent/probes/packages_rpm/manager_settings.h"
#include "agent/probes/packages_rpm/package_locks.h"
#include "agent/probes/packages_rpm/rpm_snapshot.h"

namespace muster::packages_rpm {

struct PackageSack {
  // In the order of RpmSnapshot::repositories; null where nothing could be loaded. They outlive the
  // sack.
  std::vector<RepoPtr> repositories;
  SackPtr sack;
  // Whether a repository has modules.
  bool has_modules = false;
};

// The installed packages, by librpm's present database, and each enabled repository that the cache
// has. Fills `snapshot.repositories` and its problems. Fails where the installed ones cannot be
// read.
// `with_files`: with the lists of all files, which are most of a repository and are needed only
// where a package wants a file that is not in the usual places.
absl::StatusOr<PackageSack> load_sack(const std::string& root, const ManagerSettings& settings,
                                      bool with_files, RpmSnapshot& snapshot);

// Packages of module streams that are not enabled are no longer offered. The error is libdnf's.
absl::Status filter_modules(const PackageSack& loaded, const std::string& root,
                            const ManagerSettings& settings);
// zypper keeps to the vendor of what is installed.
void exclude_other_vendors(const PackageSack& loaded);
// As excludepkgs and includepkgs say. False where they say nothing.
bool apply_excludes(const PackageSack& loaded, const ManagerSettings& settings);
// As versionlock and zypper's locks do. The names of the installed packages that are locked.
std::set<std::string> apply_locks(const PackageSack& loaded, const std::vector<PackageLock>& locks);

}  // namespace muster::packages_rpm
