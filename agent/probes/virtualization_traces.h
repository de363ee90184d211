// The traces of virtualization.h, read below a root. Calls block; any thread.
#pragma once

#include <string>

#include "agent/probes/running_system.h"
#include "agent/probes/virtualization.h"

namespace muster {

// `root` as in a checked request: /proc and /sys below it are those of `running`. What cannot be
// read is absent.
VirtualizationTraces read_virtualization_traces(const std::string& root,
                                                const RunningSystem& running);

// Whether the system below `root` may be in a container of which these traces do not tell: systemd
// copies the variable to /run/systemd/container, but under another init the environment is where
// most managers leave their name.
bool may_hide_a_container(const std::string& root, const VirtualizationTraces& traces);

}  // namespace muster
