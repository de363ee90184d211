// rpm's order of versions, by librpm: "epoch:version-release". Pure; any thread.
#pragma once

#include <string>

namespace muster::packages_rpm {

// Below, at or above 0 as `left` is older than, as old as or newer than `right`. A missing epoch is
// 0; a missing release is older than any. A text that librpm cannot split is a version as it
// stands.
int compare_evr(const std::string& left, const std::string& right);

}  // namespace muster::packages_rpm
