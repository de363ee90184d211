// Whether the lists of the configured repositories are there and whole, and what their Release
// files say of them. libapt-pkg takes a list that is missing for an empty one, and one cut off
// between two packages for a short one.
#pragma once

#include <string>
#include <vector>

#include "agent/probes/packages_apt/apt_snapshot.h"

class pkgSourceList;

namespace muster::packages_apt {

inline constexpr size_t kMostRepositories = 500;

struct ListsCheck {
  // Whether any list of packages of a configured repository is there.
  bool any_present = false;
  // The lists that are missing or whose size is not what their Release file says.
  std::vector<std::string> problems;
  // Those that offer packages; at most kMostRepositories.
  std::vector<AptRepository> repositories;
  // How many there are.
  size_t all_repositories = 0;
};

// Needs libapt-pkg to be configured (apt_configuration.h).
ListsCheck check_lists(pkgSourceList& sources);

}  // namespace muster::packages_apt
