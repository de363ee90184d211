// What differs between two policies, thing by thing, in words. Order and places in the files do not
// count. Pure; any thread.
#pragma once

#include <vector>

#include "common/policy/policy.h"
#include "muster/v1/policy.pb.h"

namespace muster::collector {

// Controls, then waivers, owners, groups, maintenance windows, dates and labels; of each what was
// removed, changed and added, by name.
std::vector<v1::PolicyDifference> policy_differences(const policy::Policy& before,
                                                     const policy::Policy& after);

}  // namespace muster::collector
