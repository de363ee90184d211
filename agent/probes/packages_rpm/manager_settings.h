// What dnf, yum or zypper is configured to do below a root: dnf.conf, the repositories and their
// variables, read by libdnf's own parser and options. Calls block; any thread.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace muster::packages_rpm {

struct RepositorySettings {
  // "baseos": the section's name.
  std::string id;
  // What the name of its cache is made from: its metalink, mirror list or first base URL.
  std::string address;
  int priority = 99;
  int cost = 1000;
  std::vector<std::string> excludes;
  std::vector<std::string> includes;
  bool module_hotfixes = false;
  // Whether its packages and its metadata are checked against a key; SUSE's says so for both.
  bool packages_checked = true;
  bool metadata_checked = false;
  // URLs of its keys.
  std::vector<std::string> key_urls;
  // It is asked less often than every 48 hours, dnf's default, or never again.
  bool seldom_refreshed = false;
};

struct ManagerSettings {
  // Whether zypper looks after this system: its repositories are in /etc/zypp/repos.d.
  bool zypper = false;
  std::string release;
  std::string base_architecture;
  std::string cache_directory = "/var/cache/dnf";
  std::vector<std::string> excludes;
  std::vector<std::string> includes;
  // "all", "main" or ids of repositories whose excludes do not count.
  std::vector<std::string> without_excludes;
  std::vector<std::string> install_only;
  uint32_t install_only_limit = 3;
  // "platform:el9", where it is set.
  std::string module_platform;
  bool best = false;
  bool obsoletes = true;
  bool weak_dependencies = true;
  bool allow_vendor_change = true;
  // The enabled ones.
  std::vector<RepositorySettings> repositories;
};

inline constexpr size_t kLargestSettingsFile = 1 << 20;
inline constexpr size_t kMostSettingsFiles = 1000;
inline constexpr size_t kMostRepositories = 500;

// `variables`: releasever, basearch and arch; those in /etc/dnf/vars and /etc/yum/vars are added.
// What cannot be read is a problem.
ManagerSettings read_settings(const std::string& root, std::map<std::string, std::string> variables,
                              std::vector<std::string>& problems);

}  // namespace muster::packages_rpm
