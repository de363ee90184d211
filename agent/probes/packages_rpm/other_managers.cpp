#include "agent/probes/packages_rpm/other_managers.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "agent/probes/root_files.h"

namespace muster::packages_rpm {
namespace {

// Each with what every system that it looks after has.
constexpr std::array<std::pair<const char*, const char*>, 5> kUnsupported = {{
    {"pacman", "/var/lib/pacman/local"},
    {"portage", "/var/db/pkg"},
    {"xbps", "/var/db/xbps"},
    {"eopkg", "/var/lib/eopkg"},
    {"Slackware's pkgtools", "/var/lib/pkgtools/packages"},
}};
// Of what other probes know. A system may have another manager's database for a container or a
// guest.
constexpr std::array kSupported = {"/var/lib/dpkg/status", "/lib/apk/db/installed",
                                   "/usr/lib/apk/db/installed"};

}  // namespace

std::string unsupported_manager(const std::string& root) {
  const auto is_there = [&](const char* path) { return probe::status_in_root(root, path).ok(); };
  if (std::any_of(kSupported.begin(), kSupported.end(), is_there)) return {};
  for (const auto& [manager, path] : kUnsupported) {
    if (is_there(path)) {
      return fmt::format(
          "packages of {} are not supported ({} is there): which updates wait cannot "
          "be told",
          manager, path);
    }
  }
  return {};
}

}  // namespace muster::packages_rpm
