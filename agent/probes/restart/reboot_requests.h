// What asks for a reboot of the whole system: files that say so, and core packages that were
// replaced after the boot. Calls block; any thread.
#pragma once

#include <cstdint>
#include <string>

#include "muster/v1/restart_facts.pb.h"

namespace muster::restart {

// /run/reboot-required with its list of packages (update-notifier, unattended-upgrades and the
// hooks of Debian's and Ubuntu's packages) and /run/reboot-needed (zypper needs-rebooting reads
// it).
void add_reboot_requests(const std::string& root, v1::RestartFacts& facts);

// The rule of "dnf needs-restarting -r", where dnf or yum has the packages: a core package that was
// installed after the boot. When, is taken from a file of it: when the file was made (statx(2),
// stx_btime; ctime where the file system keeps no such time). What dnf is told to count besides
// (etc/dnf/plugins/needs-restarting.d) is a problem. `booted_at` in seconds since 1970; 0: not
// known.
void add_replaced_packages(const std::string& root, int64_t booted_at, v1::RestartFacts& facts);

}  // namespace muster::restart
