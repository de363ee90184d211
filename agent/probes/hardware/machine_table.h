// The machine's own table, SMBIOS, where the kernel has it. Calls block; one thread.
#pragma once

#include <optional>

#include "agent/probes/firmware/smbios/smbios.h"
#include "agent/probes/hardware/machine_files.h"

namespace muster::hardware {

// Real ones are below 64 KiB.
inline constexpr size_t kLargestTable = 4 << 20;

// Absent where the machine has none, or it could not be read, which is noted.
std::optional<smbios::Smbios> read_machine_table(MachineFiles& files);

}  // namespace muster::hardware
