#include "agent/probes/packages_rpm/kernel_images.h"

#include <array>

namespace muster::packages_rpm {
namespace {

// Of x86 and others, of aarch64 and riscv64, and of s390x.
constexpr std::array<std::string_view, 5> kImages = {"vmlinuz", "vmlinux", "Image", "zImage",
                                                     "image"};

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
      const bool directly_below = name.find('/') == std::string_view::npos;
      if (name.size() > 1 && name.front() == '-' && directly_below && !name.ends_with(".gz")) {
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

std::string flavour_of_kernel(std::string_view package) {
  constexpr std::string_view kPart = "-core";
  if (package.ends_with(kPart)) package.remove_suffix(kPart.size());
  return std::string(package);
}

}  // namespace muster::packages_rpm
