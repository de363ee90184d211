#include "agent/probes/packages_rpm/other_managers.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "agent/probes/root_files.h"

namespace muster::packages_rpm {
namespace {

// Each with what every system that it looks after has.
constexpr auto kUnsupported = std::to_array<std::pair<const char*, const char*>>({
    {"CRUX's pkgutils", "/var/lib/pkg/db"},
    {"eopkg", "/var/lib/eopkg"},
    {"guix", "/var/guix/db"},
    {"nix", "/nix/var/nix/db"},
    {"opkg", "/usr/lib/opkg"},
    {"opkg", "/var/lib/opkg"},
    {"pacman", "/var/lib/pacman/local"},
    {"pisi", "/var/lib/pisi"},
    {"portage", "/var/db/pkg"},
    {"Slackware's pkgtools", "/var/lib/pkgtools/packages"},
    {"Slackware's pkgtools", "/var/log/packages"},
    {"swupd", "/usr/share/clear/bundles"},
    {"Tiny Core's tce", "/usr/local/tce.installed"},
    {"xbps", "/var/db/xbps"},
});
// Of what other probes know. A system may have another manager's database for a container or a
// guest.
constexpr std::array kSupported = {"/var/lib/dpkg/status", "/lib/apk/db/installed",
                                   "/usr/lib/apk/db/installed"};

}  // namespace

std::string unsupported_manager(const std::string& root) {
  // Also where it may not be looked at.
  const auto is_there = [&](const char* path) {
    return !absl::IsNotFound(probe::status_in_root(root, path).status());
  };
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
