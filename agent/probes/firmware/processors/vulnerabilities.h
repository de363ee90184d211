// What the kernel says of a weakness of the processors, in a file of
// /sys/devices/system/cpu/vulnerabilities (Documentation/ABI/testing/sysfs-devices-system-cpu; the
// words are those of arch/*/kernel, bugs.c for x86). Pure; any thread.
#pragma once

#include <string_view>

#include "muster/v1/firmware_facts.pb.h"

namespace muster::firmware {

// `name` of the file and its content. A mitigation of which the kernel says that a part of the
// weakness is still open ("BHI: Vulnerable") is none; that another thread of the same core could
// still look ("SMT vulnerable") is in `detail` alone.
v1::ProcessorVulnerability parse_vulnerability(std::string_view name, std::string_view content);

}  // namespace muster::firmware
