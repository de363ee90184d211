#include "agent/probes/packages_rpm/installed_kernels.h"

#include <algorithm>

#include "agent/probes/packages_rpm/evr_order.h"
#include "agent/probes/packages_rpm/kernel_images.h"
#include "agent/probes/packages_rpm/rpm_handles.h"
#include "common/text.h"

namespace muster::packages_rpm {
namespace {

constexpr std::string_view kPrefix = "kernel";
constexpr size_t kLongest = 128;
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
  kernel.set_flavour(printable(flavour_of_kernel(name), kLongest));
}

}  // namespace

bool may_be_kernel(std::string_view name) {
  return name.starts_with(kPrefix);
}

std::vector<v1::InstalledKernel> installed_kernels(rpmts set,
                                                   const std::vector<std::string>& names) {
  std::vector<v1::InstalledKernel> kernels;
  for (const std::string& name : names) {
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
