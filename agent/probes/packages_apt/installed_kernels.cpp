#include "agent/probes/packages_apt/installed_kernels.h"

#include <fmt/format.h>

#include <algorithm>

#include "agent/probes/packages_apt/kernel_names.h"
#include "agent/probes/packages_apt/package_report.h"
#include "agent/probes/root_files.h"
#include "common/text.h"

namespace muster::packages_apt {
namespace {

// The release of the kernel in the package; empty if it brings none.
std::string release_of(const std::string& root, const std::string& info, const AptPackage& package,
                       std::vector<std::string>& problems) {
  for (const std::string& name :
       {package.name, fmt::format("{}:{}", package.name, package.architecture)}) {
    const std::string path = fmt::format("{}/{}.list", info, name);
    const auto files = probe::read_in_root(root, path, kLargestFileList);
    if (files.ok()) return release_in_files(*files);
    if (absl::IsNotFound(files.status())) continue;
    problems.push_back(fmt::format(
        "{} could not be read, so which kernel {} brings is told by its name alone: {}",
        printable(path, 256), printable(package.name, 128), std::string(files.status().message())));
    break;
  }
  return release_in_name(package.name);
}

}  // namespace

std::vector<v1::InstalledKernel> installed_kernels(const std::string& root,
                                                   const std::string& status_file,
                                                   const std::vector<AptPackage>& packages,
                                                   CompareVersions compare,
                                                   std::vector<std::string>& problems) {
  const std::string info = status_file.substr(0, status_file.rfind('/')) + "/info";
  std::vector<v1::InstalledKernel> kernels;
  size_t looked_at = 0;
  for (const AptPackage& package : packages) {
    if (!may_bring_kernel(package.name)) continue;
    if (++looked_at > kMostKernels) {
      problems.push_back(fmt::format(
          "only the first {} packages that may be kernels were looked at", kMostKernels));
      break;
    }
    const std::string release = release_of(root, info, package, problems);
    if (release.empty()) continue;
    v1::InstalledKernel& kernel = kernels.emplace_back();
    kernel.set_package(printable(package.name, kLongestName));
    kernel.set_version(printable(package.installed_version, kLongestName));
    kernel.set_release(printable(release, kLongestName));
    kernel.set_flavour(printable(
        kernel_flavour(release, package.source_package, package.installed_version), kLongestName));
    kernel.set_build(printable(
        kernel_build(release, package.source_package, package.installed_version), kLongestName));
  }
  std::sort(kernels.begin(), kernels.end(),
            [&](const v1::InstalledKernel& a, const v1::InstalledKernel& b) {
              if (a.flavour() != b.flavour()) return a.flavour() < b.flavour();
              const int order = compare(a.version(), b.version());
              return order != 0 ? order > 0 : a.package() < b.package();
            });
  return kernels;
}

}  // namespace muster::packages_apt
