// Which package manager a system must have by the name that it gives itself (os-release(5)), so
// that a database that is missed is told apart from one that never was. Calls block; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "agent/probes/host/os_release.h"

namespace muster::probe {

enum class PackageFamily { kDpkg, kRpm, kApk };

// Of /etc/os-release, else /usr/lib/os-release; unset where neither can be read.
std::optional<OsRelease> read_os_release(const std::string& root);

// Whether it is, or is made from, a distribution of that family: by ID and ID_LIKE.
bool is_of_family(const OsRelease& release, PackageFamily family);

// For a look that found no `database`: why it failed, where every system of this name has one. Such
// a system is damaged or half mounted, and not one that the manager does not apply to. Else empty.
std::string why_database_is_missed(const std::string& root, PackageFamily family,
                                   std::string_view database);

}  // namespace muster::probe
