// Firmware that UEFI lists so that it may be updated: the ESRT (UEFI 2.10, 23.4), as the kernel has
// it in sysfs for root alone. Calls block; any thread.
#pragma once

#include <string>

#include "agent/probes/firmware/found.h"

namespace muster::firmware {

// `root` as in a checked request. By name, which is the class of the firmware, a GUID. What kind it
// is of, UEFI does not tell.
Found look_at_resource_table(const std::string& root);

}  // namespace muster::firmware
