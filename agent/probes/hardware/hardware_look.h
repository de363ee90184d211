// One look of the probe "hardware": reads the sources, has them parsed, and gathers the facts.
// Calls block; one thread.
#pragma once

#include <string>

#include "agent/probes/host_answers.h"
#include "agent/probes/running_system.h"
#include "muster/v1/section.pb.h"

namespace muster::hardware {

// What each list of the facts holds; the rest is noted in `unreadable`.
inline constexpr size_t kMostProcessors = 256;
inline constexpr size_t kMostModules = 512;
inline constexpr size_t kMostDisks = 512;
inline constexpr size_t kMostAdapters = 256;
inline constexpr size_t kMostPowerSupplies = 64;
inline constexpr size_t kMostArrays = 512;
inline constexpr size_t kMostControllers = 128;

// `root` as in a checked request ("" for "/"), of the system `running`; `answers` to the questions
// of the group "hardware" (agent/device_answers). Not applicable of an image at rest and in a
// container, which have no hardware of their own; failed where /sys of this system is not mounted.
v1::Section look_at_hardware(const std::string& root, const RunningSystem& running,
                             const probe::HostAnswers& answers);

}  // namespace muster::hardware
