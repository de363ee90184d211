// What registries may say of a domain, and which look-alikes it may have, for random_world.h.
#pragma once

#include "muster/v1/domain_facts.pb.h"
#include "tests/common/policy/random_world.h"

namespace muster::testing {

v1::DomainFacts random_domain(RandomWorld& world, TimePoint now);
v1::LookalikeFacts random_lookalikes(RandomWorld& world, TimePoint now);

}  // namespace muster::testing
