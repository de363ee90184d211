// What dpkg says of the packages that tell about a system's support: /var/lib/dpkg/status
// (deb822(5), dpkg-query(1)). Pure; any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace muster::lifecycle {

// A server has 1 MB, a desktop with everything 10.
inline constexpr size_t kLargestDpkgStatus = 64 << 20;
// More kernels than that no disk keeps.
inline constexpr size_t kMostImages = 100;

struct KernelImage {
  // What uname -r says once it runs: "6.8.0-52-generic".
  std::string release;
  // Its source package without what signs it: "linux-hwe-6.8".
  std::string source;
};

struct DpkgPackages {
  // Of distro-info-data; empty where it is not installed.
  std::string distro_info_version;
  // The installed packages linux-image-<release>.
  std::vector<KernelImage> images;
};

// Never fails: what is no field is passed over.
DpkgPackages parse_dpkg_status(std::string_view text);

}  // namespace muster::lifecycle
