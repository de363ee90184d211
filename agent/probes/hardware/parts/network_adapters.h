// The network adapters of the machine: interfaces with a device behind them, as /sys/class/net has
// them (Documentation/ABI/testing/sysfs-class-net). Calls block; one thread.
#pragma once

#include <vector>

#include "agent/probes/hardware/machine_files.h"
#include "muster/v1/hardware_facts.pb.h"

namespace muster::hardware {

// By name. Virtual functions whose adapter is here as well are left out.
std::vector<v1::NetworkAdapter> look_at_network_adapters(MachineFiles& files);

}  // namespace muster::hardware
