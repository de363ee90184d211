// Hardware as it may be, for random_world.h.
#pragma once

#include "muster/v1/hardware_facts.pb.h"
#include "tests/common/policy/random_world.h"

namespace muster::testing {

v1::HardwareFacts random_hardware(RandomWorld& world);

}  // namespace muster::testing
