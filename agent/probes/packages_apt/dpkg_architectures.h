// Which architectures a system has, from dpkg's own files: asking dpkg would mean running a
// program, and would tell of this machine rather than of an image. Pure; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace muster::packages_apt {

inline constexpr size_t kMostArchitectures = 16;

// var/lib/dpkg/arch: one a line, the native one first (dpkg writes it so). The file exists only
// once a foreign architecture was added. Lines that name no architecture are left out.
std::vector<std::string> listed_architectures(std::string_view arch_file);

// The native architecture by var/lib/dpkg/status: that of the package dpkg. Empty if it is not
// there.
std::string architecture_of_dpkg(std::string_view status_file);

}  // namespace muster::packages_apt
