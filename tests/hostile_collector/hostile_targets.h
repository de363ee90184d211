// Lists of targets that nobody would give: where they aim, how many there are, and what times they
// bear. The same seed gives the same lists.
#pragma once

#include <string>
#include <vector>

#include "muster/v1/reporting.pb.h"
#include "tests/hostile_collector/random_messages.h"

namespace muster::hostile {

// Puts a list into the answer, in the place of the one that is there. Most are good in all but
// where they aim: at each of `aims`, and at what hostile_text gives.
void aim(v1::SyncResponse& response, const std::vector<std::string>& aims, Random& random);

}  // namespace muster::hostile
