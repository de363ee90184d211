// What the kernel tells of machine, processors and memory, where the machine's own table does not,
// or says less. Calls block; one thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "agent/probes/hardware/machine_files.h"
#include "muster/v1/hardware_facts.pb.h"

namespace muster::hardware {

// 1.5 KiB for each processor.
inline constexpr size_t kLargestCpuinfo = 16 << 20;

// Of /sys/class/dmi/id; the serial number only where it may be read.
v1::MachineIdentity kernel_identity(MachineFiles& files);

// "model name" of /proc/cpuinfo where all processors agree; empty: there is none, or they differ.
// Pure.
std::string model_of_all(std::string_view cpuinfo);
std::string model_of_all(MachineFiles& files);

// By socket, of processors that are online (Documentation/ABI/stable/sysfs-devices-system-cpu).
// Without the model.
std::vector<v1::Processor> kernel_processors(MachineFiles& files);

// Bytes, of "MemTotal" of /proc/meminfo; 0: it is not told.
uint64_t kernel_memory(MachineFiles& files);

}  // namespace muster::hardware
