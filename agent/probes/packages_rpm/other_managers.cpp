#include "agent/probes/packages_rpm/other_managers.h"

#include <fmt/format.h>

#include <algorithm>

#include "agent/probes/root_files.h"

namespace muster::packages_rpm {

std::string unsupported_manager(const std::string& root) {
  // Also where it may not be looked at.
  const auto is_there = [&](const char* path) {
    return !absl::IsNotFound(probe::status_in_root(root, path).status());
  };
  if (std::any_of(kSupportedDatabases.begin(), kSupportedDatabases.end(), is_there)) return {};
  for (const auto& [manager, path] : kUnsupportedManagers) {
    if (is_there(path)) {
      return fmt::format(
          "the packages here are those of {}, which Muster does not support ({} is there): which "
          "updates wait cannot be told",
          manager, path);
    }
  }
  return {};
}

}  // namespace muster::packages_rpm
