// The kernel that runs, with its live patches (Documentation/ABI/testing/sysfs-kernel-livepatch).
// Calls block; any thread.
#pragma once

#include <string>
#include <string_view>

#include "agent/probes/running_system.h"
#include "muster/v1/host_facts.pb.h"
#include "muster/v1/restart_facts.pb.h"

namespace muster::restart {

// The level that the name of a live patch's module tells: "111" of Ubuntu's
// "lkp_Ubuntu_5_15_0_52_58_generic_111", "1-2" of Red Hat's "kpatch_5_14_0_70_13_1_1_2" on the
// release "5.14.0-70.13.1.el9_0.x86_64". Empty: it tells none, as SUSE's do not.
std::string level_of_live_patch(std::string_view module, std::string_view release);

// What could not be read is said in `problems`.
v1::RunningKernel look_at_kernel(const std::string& root, const RunningSystem& running,
                                 v1::Virtualization machine, v1::RestartFacts& facts);

}  // namespace muster::restart
