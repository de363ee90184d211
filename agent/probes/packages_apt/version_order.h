// Which of two versions of a package is newer: libapt-pkg's own comparison, the only one that this
// probe asks. Pure; any thread.
#pragma once

#include <string_view>

namespace muster::packages_apt {

// Below, at or above zero where `a` is older than, the same as or newer than `b`.
int compare_versions(std::string_view a, std::string_view b);

}  // namespace muster::packages_apt
