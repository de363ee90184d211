// The kernels that could be started: each installed package that brings the image of one, by what
// dpkg lists as its files. Calls block; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "agent/probes/packages_apt/apt_snapshot.h"
#include "muster/v1/package_facts.pb.h"

namespace muster::packages_apt {

// Packages that are looked at, those that bring no image in the end included.
inline constexpr size_t kMostKernels = 200;
// Of one package's list of files: that of Debian's image has 0.4 MB.
inline constexpr size_t kLargestFileList = 4 << 20;

// compare_versions of version_order.h.
using CompareVersions = int (*)(std::string_view, std::string_view);

// In the order of PackageFacts.kernels. `status_file` as the looked-at system names it: the lists
// of files are in the directory beside it. `problems` gets what was left out or could not be read.
std::vector<v1::InstalledKernel> installed_kernels(const std::string& root,
                                                   const std::string& status_file,
                                                   const std::vector<AptPackage>& packages,
                                                   CompareVersions compare,
                                                   std::vector<std::string>& problems);

}  // namespace muster::packages_apt
