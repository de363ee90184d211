// Which kernels rpm has installed, by librpm. Calls block; one thread.
#pragma once

#include <rpm/rpmts.h>

#include <string>
#include <string_view>
#include <vector>

#include "muster/v1/package_facts.pb.h"

namespace muster::packages_rpm {

inline constexpr size_t kMostKernels = 200;

// Packages named "kernel..." that bring an image, by flavour and in each the newest first.
std::vector<v1::InstalledKernel> installed_kernels(rpmts set);

// What uname -r says of the kernel whose image is this file: "5.14.0-427.el9.x86_64" of
// "/lib/modules/5.14.0-427.el9.x86_64/vmlinuz" or "/boot/vmlinuz-5.14...". Empty: it is no image.
std::string release_of_image(std::string_view path);

}  // namespace muster::packages_rpm
