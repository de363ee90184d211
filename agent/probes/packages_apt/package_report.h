// From what libapt-pkg said to the facts: counts, order, security, and why an update would not be
// installed. Pure; any thread.
#pragma once

#include <cstddef>
#include <string>

#include "agent/probes/packages_apt/apt_snapshot.h"
#include "agent/probes/packages_apt/lists_age.h"
#include "muster/v1/package_facts.pb.h"

namespace muster::packages_apt {

// Beyond these a problem says how many are not listed; the counts stay right. A section may have
// 4 MiB, and this many updates with long names take 3.
inline constexpr int kMostUpdates = 5000;
inline constexpr int kMostOriginsOfUpdate = 8;
inline constexpr int kMostNames = 2000;
inline constexpr int kMostProblems = 50;
// Package names and versions have no limit of their own; longer ones are cut.
inline constexpr size_t kLongestName = 128;

v1::PackageFacts report(const AptSnapshot& snapshot, const ListsAge& lists_age);

// Why dist-upgrade would not install the update, for an operator; empty if it would.
std::string why_not_installed(const AptPackage& package, const std::string& upgrade_error);

}  // namespace muster::packages_apt
