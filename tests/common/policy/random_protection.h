// Products of antivirus and intrusion detection as they may be, for random_world.h.
#pragma once

#include "muster/v1/protection_facts.pb.h"
#include "tests/common/policy/random_world.h"

namespace muster::testing {

v1::AntivirusFacts random_antivirus(RandomWorld& world, TimePoint now);
v1::IntrusionDetectionFacts random_intrusion_detection(RandomWorld& world, TimePoint now);

}  // namespace muster::testing
