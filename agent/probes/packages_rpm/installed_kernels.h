// Which kernels rpm has installed, by librpm. Calls block; one thread.
#pragma once

#include <rpm/rpmts.h>

#include <vector>

#include "muster/v1/package_facts.pb.h"

namespace muster::packages_rpm {

inline constexpr size_t kMostKernels = 200;

// Packages named "kernel..." that bring an image, by flavour and in each the newest first.
std::vector<v1::InstalledKernel> installed_kernels(rpmts set);

}  // namespace muster::packages_rpm
