// Package managers that no probe of Muster knows. Calls block; any thread.
#pragma once

#include <array>
#include <string>
#include <utility>

namespace muster::packages_rpm {

// Each with what every system that it looks after has.
inline constexpr auto kUnsupportedManagers = std::to_array<std::pair<const char*, const char*>>({
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
inline constexpr std::array kSupportedDatabases = {"/var/lib/dpkg/status", "/lib/apk/db/installed",
                                                   "/usr/lib/apk/db/installed"};

// "the packages here are those of pacman, which Muster does not support ..." where such a manager's
// database is the only one of this system; empty where there is none, or one that a probe knows.
std::string unsupported_manager(const std::string& root);

}  // namespace muster::packages_rpm
