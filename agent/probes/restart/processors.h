// The processors, as /proc/cpuinfo of x86 tells them (proc_cpuinfo(5)). Pure; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace muster::restart {

struct Processors {
  // "GenuineIntel", "AuthenticAMD"; empty on other architectures.
  std::string vendor = {};
  uint32_t family = 0;
  uint32_t model = 0;
  uint32_t stepping = 0;
  // The lowest revision of microcode that any of them runs; 0 where the kernel tells none.
  uint32_t revision = 0;
};

// Family, model and stepping of the first.
Processors parse_cpu_info(std::string_view proc_cpuinfo);

// "06-55-07", as Linux calls a file of microcode.
std::string processor_name(const Processors& processors);
// EAX of CPUID leaf 1, by which microcode names processors (Intel SDM volume 2A, figure 3-6).
uint32_t processor_signature(const Processors& processors);

}  // namespace muster::restart
