// Hardware of simulated hosts: the facts of the probe "hardware".
#pragma once

#include <cstddef>

#include "muster/v1/hardware_facts.pb.h"

namespace muster::simulator {

// Servers of three models with mirrored disks and a bond. One in four has something wrong of every
// kind: an array without a disk, a bond with one leg, a disk that fails and one that is worn out,
// errors of memory, a power supply without power.
v1::HardwareFacts hardware_facts(size_t host);

}  // namespace muster::simulator
