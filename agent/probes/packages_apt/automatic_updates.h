// Whether unattended-upgrades would install updates, and when it last did. Pure; any thread.
#pragma once

#include <google/protobuf/timestamp.pb.h>

#include <optional>
#include <string>
#include <vector>

#include "agent/probes/packages_apt/apt_snapshot.h"
#include "agent/probes/packages_apt/job_starter.h"
#include "agent/probes/packages_apt/origin_patterns.h"
#include "muster/v1/package_facts.pb.h"

namespace muster::packages_apt {

// apt.conf's settings of apt's daily jobs and of unattended-upgrades, as they are written; empty
// where they are not set.
struct UpgradeSettings {
  std::string enable;                         // APT::Periodic::Enable
  std::string update_package_lists;           // APT::Periodic::Update-Package-Lists
  std::string download_upgradeable;           // APT::Periodic::Download-Upgradeable-Packages
  std::string unattended_upgrade;             // APT::Periodic::Unattended-Upgrade
  std::vector<std::string> allowed_origins;   // Unattended-Upgrade::Allowed-Origins
  std::vector<std::string> origins_patterns;  // Unattended-Upgrade::Origins-Pattern
  // A file of the configuration that could not be read and may say anything; empty: there is none.
  std::string unread_file;
};

struct UpgradeEvidence {
  UpgradeSettings settings;
  DistributionNames names;
  // Of apt-daily, which refreshes and downloads, and of apt-daily-upgrade, which installs.
  JobStarter download_job;
  JobStarter install_job;
  // When apt's job last ended unattended-upgrade with success (periodic/upgrade-stamp).
  std::optional<google::protobuf::Timestamp> succeeded_at;
  // When unattended-upgrade last came to its end (periodic/unattended-upgrades-stamp).
  std::optional<google::protobuf::Timestamp> ended_at;
};

v1::AutomaticUpdateState automatic_updates(const AptSnapshot& snapshot,
                                           const UpgradeEvidence& evidence);

}  // namespace muster::packages_apt
