// A world of leases in which everything goes wrong, and then recovers.
#pragma once

#include <string>

#include "tests/collector/targets/lease_world.h"

namespace muster::collector::test {

// From the moment an agent is lost until another one's first look may begin.
Duration take_over_time(Duration lease);

// Ten to forty things go wrong, chosen by the seed. "" or what then did not hold: never two at one
// target, and in the end somebody at each.
std::string live_through(uint64_t seed, Duration lease);

}  // namespace muster::collector::test
