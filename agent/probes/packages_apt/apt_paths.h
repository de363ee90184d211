// Where apt keeps what, as the looked-at system names it (never with the root in front): apt.conf
// may move all of it. "/dev/null" is apt's way to say "none".
#pragma once

#include <string>

namespace muster::packages_apt {

struct AptPaths {
  std::string state = "/var/lib/apt";
  std::string lists = "/var/lib/apt/lists";
  std::string extended_states = "/var/lib/apt/extended_states";
  std::string status = "/var/lib/dpkg/status";
  std::string source_list = "/etc/apt/sources.list";
  std::string source_parts = "/etc/apt/sources.list.d";
  std::string preferences = "/etc/apt/preferences";
  std::string preference_parts = "/etc/apt/preferences.d";
  std::string trusted = "/etc/apt/trusted.gpg";
  std::string trusted_parts = "/etc/apt/trusted.gpg.d";
  // Where apt keeps its binary cache; empty: nowhere, or in an image, which is not to be trusted.
  std::string package_cache;
  // The first file of apt's configuration that could not be read or was left out; empty: none was.
  std::string unread_configuration;
};

inline constexpr const char* kConfigurationFile = "/etc/apt/apt.conf";
inline constexpr const char* kConfigurationParts = "/etc/apt/apt.conf.d";
inline constexpr const char* kMachineId = "/etc/machine-id";
inline constexpr const char* kDpkgStatus = "/var/lib/dpkg/status";
inline constexpr const char* kDpkgArchitectures = "/var/lib/dpkg/arch";

}  // namespace muster::packages_apt
