// What the name servers of a zone may say, for random_world.h.
#pragma once

#include "muster/v1/domain_facts.pb.h"
#include "tests/common/policy/random_world.h"

namespace muster::testing {

v1::ZoneFacts random_zone(RandomWorld& world, TimePoint now);

}  // namespace muster::testing
