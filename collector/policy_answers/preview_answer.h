// What another policy, or another day, would change on the running fleet, as an answer of bounded
// size. Any thread; it takes as long as judging the fleet does.
#pragma once

#include <absl/status/statusor.h>

#include "collector/fleet/fleet.h"
#include "common/clock.h"
#include "muster/v1/policy.pb.h"

namespace muster::collector {

// InvalidArgument: a policy of the request is wrong, with the complaints of its reader. `targets`:
// null where there are none.
absl::StatusOr<v1::PolicyPreview> preview_policy(const Fleet& fleet,
                                                 const v1::PolicyPreviewRequest& request,
                                                 TimePoint now, const Fleet* targets = nullptr);

}  // namespace muster::collector
