// The kernel that runs beside those that are installed: whether a restart would bring a newer one.
// For the rule reboot_done and for metrics. Pure; any thread.
#pragma once

#include <span>

#include "common/policy/package_facts_view.h"
#include "common/policy/rules.h"
#include "muster/v1/restart_facts.pb.h"

namespace muster::policy {

// Without a subject. Met: the newest of its flavour runs. `installed` as InstalledKernel has them:
// in each flavour the newest first, by the package manager's comparison. Releases are never
// compared here for which is newer, only for being the same one.
Judgement judge_running_kernel(const v1::RunningKernel& running,
                               std::span<const InstalledKernelView> installed);

}  // namespace muster::policy
