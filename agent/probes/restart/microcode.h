// The microcode that the processors run against what this system would load into them at the next
// start. Calls block; any thread.
#pragma once

#include <string>
#include <string_view>

#include "muster/v1/host_facts.pb.h"
#include "muster/v1/restart_facts.pb.h"

namespace muster::restart {

// `machine` is unset where it could not be told. Firmware is looked for where Linux does, in
// /lib/firmware below `root`; images of the initramfs are not unpacked.
v1::Microcode look_at_microcode(const std::string& root, v1::Virtualization machine,
                                std::string_view proc_cpuinfo);

}  // namespace muster::restart
