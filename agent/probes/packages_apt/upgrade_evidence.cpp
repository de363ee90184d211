#include "agent/probes/packages_apt/upgrade_evidence.h"

#include <apt-pkg/configuration.h>

#include <cctype>
#include <optional>

#include "agent/probes/package_families.h"
#include "agent/probes/packages_apt/lists_age.h"
#include "agent/probes/root_files.h"

namespace muster::packages_apt {
namespace {

std::vector<std::string> values_below(const char* name) {
  std::vector<std::string> values;
  const Configuration::Item* const item = _config->Tree(name);
  const Configuration::Item* value = item == nullptr ? nullptr : item->Child;
  for (; value != nullptr; value = value->Next)
    values.push_back(value->Value);
  return values;
}

UpgradeSettings read_settings(const AptPaths& paths) {
  UpgradeSettings settings;
  settings.enable = _config->Find("APT::Periodic::Enable");
  settings.update_package_lists = _config->Find("APT::Periodic::Update-Package-Lists");
  settings.download_upgradeable = _config->Find("APT::Periodic::Download-Upgradeable-Packages");
  settings.unattended_upgrade = _config->Find("APT::Periodic::Unattended-Upgrade");
  settings.allowed_origins = values_below("Unattended-Upgrade::Allowed-Origins");
  settings.origins_patterns = values_below("Unattended-Upgrade::Origins-Pattern");
  settings.unread_file = paths.unread_configuration;
  return settings;
}

// As Debian's lsb_release says them, which unattended-upgrades asks.
DistributionNames read_names(const std::string& root) {
  DistributionNames names;
  if (const std::optional<OsRelease> release = probe::read_os_release(root)) {
    names.id = release->id;
    names.codename = release->codename;
  }
  if (!names.id.empty()) {
    names.id[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(names.id[0])));
  }
  return names;
}

}  // namespace

UpgradeEvidence read_upgrade_evidence(const std::string& root, const AptPaths& paths,
                                      const AptSnapshot& snapshot) {
  UpgradeEvidence evidence;
  evidence.settings = read_settings(paths);
  evidence.names = read_names(root);
  evidence.download_job = starter_of(root, "apt-daily", snapshot.packages);
  evidence.install_job = starter_of(root, "apt-daily-upgrade", snapshot.packages);
  evidence.succeeded_at = time_of_stamp(root, paths.state + "/periodic/upgrade-stamp");
  evidence.ended_at = time_of_stamp(root, paths.state + "/periodic/unattended-upgrades-stamp");
  return evidence;
}

}  // namespace muster::packages_apt
