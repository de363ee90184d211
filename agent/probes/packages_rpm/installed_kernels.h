// Which kernels rpm has installed, by librpm. Calls block; one thread.
#pragma once

#include <rpm/rpmts.h>

#include <string>
#include <string_view>
#include <vector>

#include "muster/v1/package_facts.pb.h"

namespace muster::packages_rpm {

inline constexpr size_t kMostKernels = 200;

// Whether a package of this name may bring an image: "kernel...".
bool may_be_kernel(std::string_view name);

// Of the packages of these names, those that bring an image, by flavour and in each the newest
// first.
std::vector<v1::InstalledKernel> installed_kernels(rpmts set,
                                                   const std::vector<std::string>& names);

}  // namespace muster::packages_rpm
