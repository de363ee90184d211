// From what librpm and libdnf said to the facts: counts, order, security, and why an update would
// not be installed. Pure; any thread.
#pragma once

#include "agent/probes/packages_rpm/rpm_snapshot.h"
#include "muster/v1/package_facts.pb.h"

namespace muster::packages_rpm {

// Beyond these a problem says how many are not listed; the counts stay right.
inline constexpr size_t kMostUpdates = 5000;
inline constexpr int kMostNames = 2000;
inline constexpr int kMostExcluded = 500;
inline constexpr int kMostRepositoriesListed = 200;
inline constexpr int kMostKeysListed = 500;
inline constexpr int kMostProblems = 50;
// Of all updates together, in bytes: a section may have 4 MiB. Beyond, advisories that are not
// about security go first, then all.
inline constexpr size_t kMostAdvisoryBytes = 2 << 20;
inline constexpr size_t kLongestName = 128;

v1::PackageFacts report(const RpmSnapshot& snapshot);

// A repository is the distribution's if it offers something of the distribution's vendor.
bool is_distribution(const RpmRepository& repository, const RpmSnapshot& snapshot);

}  // namespace muster::packages_rpm
