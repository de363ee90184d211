// One look of the probe "firmware-fwupd": asks the daemon fwupd over the system bus, and gathers
// the facts. Calls block; one thread.
#pragma once

#include <chrono>
#include <string>

#include "common/descriptor.h"
#include "muster/v1/section.pb.h"

namespace muster::fwupd {

// What the facts have at most; what is beyond is noted in `unreadable`. Releases are of one device,
// and of all together.
inline constexpr size_t kMostDevices = 500;
inline constexpr size_t kMostReleases = 50;
inline constexpr size_t kMostReleasesInAll = 1000;
inline constexpr size_t kMostAttributes = 100;
inline constexpr size_t kMostRemotes = 50;
inline constexpr size_t kMostUnreadable = 50;
// All of it, with the start of the daemon.
inline constexpr std::chrono::seconds kPatience{60};

// `socket` as agent::open_system_bus has it: what is no socket stands for a bus that could not be
// reached. Not applicable: there is no system bus, or nobody on it is fwupd or would be.
v1::Section look_at_fwupd(Descriptor socket, std::chrono::milliseconds patience = kPatience);

// The descriptor of the launcher, or where somebody runs the probe by hand a connection of its own;
// an image (`root` is not empty) has no daemon.
v1::Section look(const std::string& root);

}  // namespace muster::fwupd
