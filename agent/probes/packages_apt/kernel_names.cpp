#include "agent/probes/packages_apt/kernel_names.h"

#include <algorithm>
#include <array>

namespace muster::packages_apt {
namespace {

// The first is before the one that it begins with.
constexpr std::array<std::string_view, 4> kPrefixes = {"linux-image-unsigned-", "linux-image-",
                                                       "proxmox-kernel-", "pve-kernel-"};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool begins_with_digit(std::string_view text) {
  return !text.empty() && is_digit(text.front());
}

// What comes after the prefix of a kernel's package; empty if it has none.
std::string_view without_prefix(std::string_view package) {
  for (const std::string_view prefix : kPrefixes) {
    if (package.starts_with(prefix)) return package.substr(prefix.size());
  }
  return {};
}

// The part before the next "-", taken from `rest` together with the "-".
std::string_view take_part(std::string_view& rest) {
  const size_t end = std::min(rest.find('-'), rest.size());
  const std::string_view part = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return part;
}

// Machines whose name begins with a digit, as the number of an ABI does.
bool is_machine(std::string_view part) {
  constexpr std::array<std::string_view, 5> kMachines = {"486", "586", "686", "4kc", "5kc"};
  return std::find(kMachines.begin(), kMachines.end(), part) != kMachines.end();
}

// "rc3", of a kernel that is not released yet.
bool is_candidate(std::string_view part) {
  return part.size() > 2 && part.starts_with("rc") && is_digit(part[2]);
}

// "22.04" of Ubuntu's "6.8.0-52.53~22.04.1", the release for which it was built again.
std::string_view built_again_for(std::string_view version) {
  const size_t tilde = version.rfind('~');
  if (tilde == std::string_view::npos) return {};
  version.remove_prefix(tilde + 1);
  if (version.size() < 5 || version[2] != '.' || (version.size() > 5 && version[5] != '.')) {
    return {};
  }
  const bool digits =
      is_digit(version[0]) && is_digit(version[1]) && is_digit(version[3]) && is_digit(version[4]);
  return digits ? version.substr(0, 5) : std::string_view();
}

// "6.8.0-52." of the release "6.8.0-52-generic": how Ubuntu's versions of it begin.
std::string start_of_ubuntu_version(std::string_view release) {
  const std::string_view version = take_part(release);
  const std::string_view abi = take_part(release);
  if (!begins_with_digit(abi)) return {};
  return std::string(version) + '-' + std::string(abi) + '.';
}

}  // namespace

bool may_bring_kernel(std::string_view package) {
  return !without_prefix(package).empty();
}

std::string release_in_files(std::string_view files) {
  constexpr std::array<std::string_view, 2> kImages = {"/boot/vmlinuz-", "/boot/vmlinux-"};
  constexpr std::array<std::string_view, 2> kModules = {"/lib/modules/", "/usr/lib/modules/"};
  constexpr std::string_view kImageBesideModules = "/vmlinuz";
  while (!files.empty()) {
    const size_t end = std::min(files.find('\n'), files.size());
    const std::string_view file = files.substr(0, end);
    files.remove_prefix(std::min(end + 1, files.size()));
    for (const std::string_view image : kImages) {
      if (file.starts_with(image)) return std::string(file.substr(image.size()));
    }
    if (!file.ends_with(kImageBesideModules)) continue;
    for (const std::string_view modules : kModules) {
      if (!file.starts_with(modules) || file.size() < modules.size() + kImageBesideModules.size()) {
        continue;
      }
      const std::string_view release =
          file.substr(modules.size(), file.size() - modules.size() - kImageBesideModules.size());
      if (!release.empty() && release.find('/') == std::string_view::npos) {
        return std::string(release);
      }
    }
  }
  return {};
}

std::string release_in_name(std::string_view package) {
  std::string_view release = without_prefix(package);
  if (!begins_with_digit(release) || release.ends_with("-dbg") || release.ends_with("-dbgsym")) {
    return {};
  }
  for (const std::string_view signature : {"-unsigned", "-signed"}) {
    if (release.ends_with(signature)) release.remove_suffix(signature.size());
  }
  // "proxmox-kernel-6.8" follows the newest of a series and is none.
  return release.find('-') == std::string_view::npos &&
                 package.find("-kernel-") != std::string::npos
             ? std::string()
             : std::string(release);
}

std::string kernel_flavour(std::string_view release, std::string_view source_package,
                           std::string_view version) {
  std::string_view rest = release;
  if (begins_with_digit(rest)) take_part(rest);
  for (std::string_view after = rest; is_candidate(take_part(after)); after = rest)
    rest = after;
  std::string_view after = rest;
  const std::string_view abi = take_part(after);
  if (abi == "trunk" || (begins_with_digit(abi) && !is_machine(abi))) rest = after;
  std::string flavour(rest);
  const std::string_view again_for = built_again_for(version);
  if (source_package.find("-hwe") != std::string_view::npos && !again_for.empty()) {
    flavour += "-hwe-" + std::string(again_for);
  }
  return flavour;
}

std::string kernel_build(std::string_view release, std::string_view source_package,
                         std::string_view version) {
  const std::string ubuntu = start_of_ubuntu_version(release);
  if (!ubuntu.empty() && version.starts_with(ubuntu)) {
    return std::string(version.substr(ubuntu.size())) + "-Ubuntu";
  }
  // Debian builds from "linux", and signs as "linux-signed-amd64".
  const bool debian = source_package == "linux" || source_package.starts_with("linux-signed-");
  return debian ? std::string(version) : std::string();
}

}  // namespace muster::packages_apt
