// One look of the probe "firmware": reads the sources, has them parsed, and gathers the facts.
// Calls block; one thread.
#pragma once

#include <string>

#include "agent/probes/host_answers.h"
#include "muster/v1/section.pb.h"

namespace muster::firmware {

// Components in the facts; the rest is noted in `unreadable`.
inline constexpr int kMostComponents = 500;

// `root` as in a checked request ("" for "/"); `answers` to the questions of the group "firmware"
// (agent/device_answers). Where nothing is in /sys below it: not applicable of
// an image at rest, which has no firmware; failed of this system.
v1::Section look_at_firmware(const std::string& root, const probe::HostAnswers& answers);

}  // namespace muster::firmware
