// One look of the probe "host": reads the sources, has them parsed, and gathers the facts. Calls
// block; one thread.
#pragma once

#include <optional>
#include <string>

#include "agent/probes/running_system.h"
#include "muster/v1/section.pb.h"

namespace muster {

// `root` as in a checked request ("" for "/"). With `running`, /proc and /sys below the root are
// its own and the kernel's facts are reported; without, the root is an image at rest. Failed if the
// root does not hold a system.
v1::Section look_at_host(const std::string& root, const std::optional<RunningSystem>& running);

}  // namespace muster
