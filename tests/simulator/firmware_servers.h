// Firmware of simulated hosts: the facts of the probe "firmware".
#pragma once

#include <cstddef>

#include "common/clock.h"
#include "muster/v1/firmware_facts.pb.h"

namespace muster::simulator {

// Servers of three models. One in four has something wrong of every kind: an older version, one
// that waits for the next start, mixed microcode, a failed update, Secure Boot off.
v1::FirmwareFacts firmware_facts(size_t host, TimePoint started);

}  // namespace muster::simulator
