// From the files' content to the facts: which updates wait, what is held, obsolete or somebody
// else's, and which kernels there are. Pure; any thread.
#pragma once

#include <cstddef>

#include "agent/probes/packages_apk/apk_snapshot.h"
#include "muster/v1/package_facts.pb.h"

namespace muster::packages_apk {

// Beyond these a problem says how many are not listed; the counts stay right.
inline constexpr int kMostUpdates = 5000;
inline constexpr int kMostOriginsOfUpdate = 8;
inline constexpr int kMostNames = 2000;
inline constexpr int kMostKernels = 50;
inline constexpr int kMostProblems = 50;
inline constexpr int kMostThirdParty = 200;
inline constexpr size_t kLongestName = 128;

v1::PackageFacts report(const ApkSnapshot& snapshot);

}  // namespace muster::packages_apk
