// What a Release file states of a list, without parsing all of it: libapt-pkg takes longer for that
// than for the question it is needed for. Pure; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace muster::packages_apt {

// The size that `release` (Release or InRelease) states of the list `name`
// ("main/binary-amd64/Packages") among its SHA256 sums. Unset where it says nothing there, or
// nothing that can be read at a glance: then libapt-pkg is to be asked.
std::optional<uint64_t> size_at_a_glance(std::string_view release, std::string_view name);

// Whether it has SHA256 sums at all.
bool has_sums_at_a_glance(std::string_view release);

// Whether it says that packages for all architectures have no list of their own: they are in that
// of each architecture, as in Debian.
bool has_no_lists_for_all(std::string_view release);

}  // namespace muster::packages_apt
