// Which microcode the processors run, each by itself: /proc/cpuinfo of x86 (proc_cpuinfo(5)). A
// machine whose processors are of one kind and run several revisions has been updated by halves.
// Pure; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace muster::firmware {

// More than any Linux has (CONFIG_NR_CPUS).
inline constexpr uint32_t kMostProcessors = 8192;

// Processors of one kind that run one revision.
struct MicrocodeGroup {
  // "GenuineIntel", "AuthenticAMD".
  std::string vendor;
  // "Intel(R) Xeon(R) Gold 6230 CPU @ 2.10GHz"
  std::string model_name;
  // Family, model and stepping as Linux calls a file of microcode: "06-55-07".
  std::string kind;
  uint32_t revision = 0;
  // "0-15,32-47", as the kernel writes lists of processors.
  std::string processors;
  uint32_t count = 0;
};

// By kind and revision. Processors of which the kernel tells no revision (guests, other
// architectures) are in no group, and none beyond kMostProcessors.
std::vector<MicrocodeGroup> parse_microcode_groups(std::string_view proc_cpuinfo);

// Whether processors of one kind run different revisions.
bool has_mixed_microcode(const std::vector<MicrocodeGroup>& groups);

}  // namespace muster::firmware
