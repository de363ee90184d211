// The disks of the machine, as /sys/block has them. Calls block; one thread.
#pragma once

#include <string>
#include <vector>

#include "agent/probes/hardware/machine_files.h"
#include "muster/v1/hardware_facts.pb.h"

namespace muster::hardware {

struct FoundDisk {
  v1::Disk disk;
  // Under which name it is asked how it fares: of NVMe its controller, "nvme0"; empty: it is not.
  std::string asked_as;
};

// By name. Not what the kernel makes of others (md, dm, loop, zram, zvol), what can be pulled out,
// nor optical drives; of the paths to one disk that multipath joins the first.
std::vector<FoundDisk> look_at_disks(MachineFiles& files);

}  // namespace muster::hardware
