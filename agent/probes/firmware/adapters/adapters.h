// Firmware of what is plugged in, as far as drivers tell it in sysfs and procfs: drives, network,
// RAID and host bus adapters, graphics processors, trusted platform modules, management
// controllers. What is there and of which no version is told is in the list without one: not known
// is not current. Calls block; any thread.
#pragma once

#include <string>

#include "agent/probes/firmware/found.h"

namespace muster::firmware {

// `root` as in a checked request. Of the SCSI hosts of one adapter one stands for all.
Found look_at_storage_controllers(const std::string& root);
Found look_at_graphics(const std::string& root);
Found look_at_tpms(const std::string& root);
// At PCI Express: what a fabric brings is another machine's.
Found look_at_nvme_drives(const std::string& root);
// At SATA and SAS, volumes of RAID adapters among them, whose version is the adapter's. Not at USB,
// iSCSI or Fibre Channel.
Found look_at_disks(const std::string& root);
// Those that can do RDMA, whose drivers tell it in a file.
Found look_at_network_adapters(const std::string& root);
// Those that the kernel's IPMI driver talks to.
Found look_at_management_controllers(const std::string& root);

}  // namespace muster::firmware
