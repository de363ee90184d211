// What names and versions of packages tell of the kernels in them. Debian's, Ubuntu's and Proxmox's
// are known; of others the release is, too. Pure; any thread.
#pragma once

#include <string>
#include <string_view>

namespace muster::packages_apt {

// Whether a package of this name may bring the image of a kernel: "linux-image-6.1.0-28-amd64", and
// also "linux-image-amd64", which only depends on one. The files of the package decide.
bool may_bring_kernel(std::string_view package);

// The release of the kernel whose image is among `files`, the paths of a package one a line, as
// dpkg lists them: "6.1.0-28-amd64" of "/boot/vmlinuz-6.1.0-28-amd64". Empty: there is none.
std::string release_in_files(std::string_view files);

// The release by the name alone, where the files cannot be read; empty where it names none.
std::string release_in_name(std::string_view package);

// What of the release tells the flavour: "rt-amd64" of "6.1.0-28-rt-amd64", "686-pae", "generic",
// "pve". Ubuntu's hardware enablement kernels have the release of the ordinary ones and are a
// flavour of their own, by their source package and version: "generic-hwe-22.04".
std::string kernel_flavour(std::string_view release, std::string_view source_package,
                           std::string_view version);

// What `uname -v` says of the build: Debian's "6.1.119-1", Ubuntu's "52-Ubuntu". Empty where it
// says nothing of the package's version, as with Proxmox's and kernels made by hand.
std::string kernel_build(std::string_view release, std::string_view source_package,
                         std::string_view version);

}  // namespace muster::packages_apt
