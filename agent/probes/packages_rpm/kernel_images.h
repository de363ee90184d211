// What the names of kernels' packages and files tell. Pure; any thread.
#pragma once

#include <string>
#include <string_view>

namespace muster::packages_rpm {

// What uname -r says of the kernel whose image is this file: "5.14.0-427.el9.x86_64" of
// "/lib/modules/5.14.0-427.el9.x86_64/vmlinuz" or "/boot/vmlinuz-5.14...". Empty: it is no image.
std::string release_of_image(std::string_view path);

// "kernel-rt" of kernel-rt-core: the package with the image is named for its part in newer systems.
std::string flavour_of_kernel(std::string_view package);

}  // namespace muster::packages_rpm
