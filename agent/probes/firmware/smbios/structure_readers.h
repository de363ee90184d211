// One structure of each type that is read, by the offsets of DSP0134 7. Pure.
#pragma once

#include "agent/probes/firmware/smbios/smbios.h"
#include "agent/probes/firmware/smbios/structures.h"

namespace muster::smbios {

Bios read_bios(const Structure& structure);
System read_system(const Structure& structure, Version version);
Board read_board(const Structure& structure);
Chassis read_chassis(const Structure& structure);
Processor read_processor(const Structure& structure);
MemoryArray read_memory_array(const Structure& structure);
MemoryDevice read_memory_device(const Structure& structure);
Ipmi read_ipmi(const Structure& structure);
PowerSupply read_power_supply(const Structure& structure);
Tpm read_tpm(const Structure& structure);
FirmwareEntry read_firmware_entry(const Structure& structure);

}  // namespace muster::smbios
