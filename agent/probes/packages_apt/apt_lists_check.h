// Whether the lists of the configured repositories are there and whole. libapt-pkg takes a list
// that is missing for an empty one, and one cut off between two packages for a short one.
#pragma once

#include <string>
#include <vector>

class pkgSourceList;

namespace muster::packages_apt {

struct ListsCheck {
  // Whether any list of packages of a configured repository is there.
  bool any_present = false;
  // The lists that are missing or whose size is not what their Release file says.
  std::vector<std::string> problems;
};

// Needs libapt-pkg to be configured (apt_configuration.h).
ListsCheck check_lists(pkgSourceList& sources);

}  // namespace muster::packages_apt
