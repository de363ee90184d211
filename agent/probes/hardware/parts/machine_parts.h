// What the machine's own table (SMBIOS, DSP0134 3.7.1) lists of its parts. Pure; any thread.
#pragma once

#include <vector>

#include "agent/probes/firmware/smbios/smbios.h"
#include "muster/v1/hardware_facts.pb.h"

namespace muster::hardware {

// Of a table that tells nothing of it an empty message.
v1::MachineIdentity machine_identity(const smbios::Smbios& table);

// Of sockets with a processor.
std::vector<v1::Processor> processors_of(const smbios::Smbios& table);

// Of the memory of the system alone, not of the chip with the BIOS. The total is 0 unless each
// module tells its size.
v1::Memory memory_of(const smbios::Smbios& table, std::vector<v1::MemoryModule>& modules);

std::vector<v1::PowerSupply> power_supplies_of(const smbios::Smbios& table);

}  // namespace muster::hardware
