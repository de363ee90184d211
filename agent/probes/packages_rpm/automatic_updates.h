// What would install updates without anybody on an rpm system: dnf-automatic, dnf 5's of the same
// purpose, SUSE's transactional-update. Not known where another one is there that is not looked at
// (yum-cron, os-update, YaST online update) and none of these installs. Calls block; any thread.
#pragma once

#include <set>
#include <string>
#include <string_view>

#include "muster/v1/package_facts.pb.h"

namespace muster::packages_rpm {

// automatic.conf, as far as it decides.
struct AutomaticSettings {
  bool apply = false;
  bool download = false;
};
AutomaticSettings automatic_settings(std::string_view text);

// `installed`: names of packages.
v1::AutomaticUpdateState automatic_updates(const std::string& root,
                                           const std::set<std::string>& installed);

}  // namespace muster::packages_rpm
