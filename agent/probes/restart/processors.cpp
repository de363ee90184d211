#include "agent/probes/restart/processors.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "common/text.h"

namespace muster::restart {
namespace {

constexpr size_t kVendorLimit = 32;

uint32_t number(std::string_view text) {
  int base = 10;
  if (text.starts_with("0x")) {
    text.remove_prefix(2);
    base = 16;
  }
  uint32_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value, base);
  return value;
}

}  // namespace

Processors parse_cpu_info(std::string_view proc_cpuinfo) {
  Processors found;
  bool is_first = true;
  while (!proc_cpuinfo.empty()) {
    const std::string_view line = proc_cpuinfo.substr(0, proc_cpuinfo.find('\n'));
    proc_cpuinfo.remove_prefix(std::min(line.size() + 1, proc_cpuinfo.size()));
    const size_t colon = line.find(':');
    // An empty line ends each processor.
    if (trim(line).empty() && !found.vendor.empty()) is_first = false;
    if (colon == std::string_view::npos) continue;
    const std::string_view name = trim(line.substr(0, colon));
    const std::string_view value = trim(line.substr(colon + 1));
    if (name == "microcode") {
      const uint32_t revision = number(value);
      found.revision = found.revision == 0 ? revision : std::min(found.revision, revision);
    }
    if (!is_first) continue;
    if (name == "vendor_id") found.vendor = printable(value, kVendorLimit);
    if (name == "cpu family") found.family = number(value);
    if (name == "model") found.model = number(value);
    if (name == "stepping") found.stepping = number(value);
  }
  return found;
}

std::string processor_name(const Processors& processors) {
  return fmt::format("{:02x}-{:02x}-{:02x}", processors.family, processors.model,
                     processors.stepping);
}

uint32_t processor_signature(const Processors& processors) {
  const uint32_t family = std::min<uint32_t>(processors.family, 0xf);
  const uint32_t extended_family = processors.family - family;
  return (extended_family & 0xff) << 20 | (processors.model >> 4 & 0xf) << 16 | family << 8 |
         (processors.model & 0xf) << 4 | (processors.stepping & 0xf);
}

}  // namespace muster::restart
