#include "agent/probes/packages_rpm/installed_kernels.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "agent/probes/packages_rpm/evr_order.h"
#include "agent/probes/packages_rpm/rpm_handles.h"
#include "common/text.h"

namespace muster::packages_rpm {
namespace {

constexpr std::string_view kPrefix = "kernel";
constexpr size_t kLongest = 128;
// Of x86 and others, of aarch64 and riscv64, and of s390x.
constexpr std::array<std::string_view, 5> kImages = {"vmlinuz", "vmlinux", "Image", "zImage",
                                                     "image"};

std::string release_of_files(Header header) {
  const TagData files(::rpmtdNew());
  if (::headerGet(header, RPMTAG_FILENAMES, files.get(), HEADERGET_EXT) == 0) return {};
  std::string release;
  while (const char* path = ::rpmtdNextString(files.get())) {
    release = release_of_image(path);
    if (!release.empty()) break;
  }
  ::rpmtdFreeData(files.get());
  return release;
}

// "kernel-rt" of kernel-rt-core: the package with the image is named for its part in newer systems.
std::string flavour_of(std::string_view package) {
  constexpr std::string_view kPart = "-core";
  if (package.ends_with(kPart)) package.remove_suffix(kPart.size());
  return std::string(package);
}

void add_kernel(Header header, std::vector<v1::InstalledKernel>& kernels) {
  const std::string release = release_of_files(header);
  if (release.empty()) return;
  const std::string name = header_text(header, RPMTAG_NAME);
  const TagData evr(::rpmtdNew());
  if (::headerGet(header, RPMTAG_EVR, evr.get(), HEADERGET_EXT) == 0) return;
  v1::InstalledKernel& kernel = kernels.emplace_back();
  kernel.set_package(printable(name, kLongest));
  kernel.set_version(printable(::rpmtdGetString(evr.get()), kLongest));
  ::rpmtdFreeData(evr.get());
  kernel.set_release(printable(release, kLongest));
  kernel.set_flavour(printable(flavour_of(name), kLongest));
}

std::vector<std::string> kernel_names(rpmts set) {
  std::vector<std::string> names;
  const IndexIterator index(::rpmdbIndexIteratorInit(::rpmtsGetRdb(set), RPMDBI_NAME));
  const void* key = nullptr;
  size_t length = 0;
  while (index != nullptr && ::rpmdbIndexIteratorNext(index.get(), &key, &length) == 0) {
    const std::string_view name(static_cast<const char*>(key), length);
    if (name.starts_with(kPrefix)) names.emplace_back(name);
  }
  return names;
}

}  // namespace

std::string release_of_image(std::string_view path) {
  constexpr std::string_view kBoot = "/boot/";
  if (path.starts_with("/usr/")) path.remove_prefix(4);
  for (const std::string_view image : kImages) {
    if (path.starts_with(kBoot)) {
      std::string_view name = path.substr(kBoot.size());
      if (!name.starts_with(image)) continue;
      name.remove_prefix(image.size());
      // "vmlinux-6.4.0-default.gz" is for debuggers, and beside an image.
      if (name.size() > 1 && name.front() == '-' && !name.ends_with(".gz")) {
        return std::string(name.substr(1));
      }
    }
    constexpr std::string_view kModules = "/lib/modules/";
    if (path.starts_with(kModules) && path.ends_with(image)) {
      std::string_view name = path.substr(kModules.size());
      name.remove_suffix(image.size());
      const bool directly_below = name.size() > 1 && name.find('/') == name.size() - 1;
      if (directly_below) return std::string(name.substr(0, name.size() - 1));
    }
  }
  return {};
}

std::vector<v1::InstalledKernel> installed_kernels(rpmts set) {
  std::vector<v1::InstalledKernel> kernels;
  for (const std::string& name : kernel_names(set)) {
    const MatchIterator found(::rpmtsInitIterator(set, RPMDBI_NAME, name.data(), name.size()));
    while (Header header = found == nullptr ? nullptr : ::rpmdbNextIterator(found.get())) {
      if (kernels.size() == kMostKernels) break;
      add_kernel(header, kernels);
    }
  }
  std::stable_sort(kernels.begin(), kernels.end(), [](const auto& left, const auto& right) {
    if (left.flavour() != right.flavour()) return left.flavour() < right.flavour();
    return compare_evr(left.version(), right.version()) > 0;
  });
  return kernels;
}

}  // namespace muster::packages_rpm
