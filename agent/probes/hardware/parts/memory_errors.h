// Errors of memory that its controllers counted: EDAC of the kernel (Documentation/ABI/testing/
// sysfs-devices-edac). Since when they count is left out: it would be another second each look.
// Calls block; one thread.
#pragma once

#include <vector>

#include "agent/probes/hardware/machine_files.h"
#include "muster/v1/hardware_facts.pb.h"

namespace muster::hardware {

inline constexpr size_t kMostModulesOfController = 128;

// By controller. Empty: nothing counts.
std::vector<v1::MemoryErrors> look_at_memory_errors(MachineFiles& files);

}  // namespace muster::hardware
