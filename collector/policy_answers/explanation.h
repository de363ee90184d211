// Why a host or a target stands with a control as it does: all that `muster-collector explain`
// tells. Any thread.
#pragma once

#include <absl/status/statusor.h>

#include "collector/fleet/fleet.h"
#include "collector/fleet/target_fleet.h"
#include "common/clock.h"
#include "muster/v1/policy.pb.h"

namespace muster::collector {

// NotFound, with the nearest name: no such host or target, or the policy in force has no such
// control. `targets`: null where there are none.
absl::StatusOr<v1::Explanation> explain(const Fleet& fleet, const v1::ExplainRequest& request,
                                        TimePoint now, const TargetFleet* targets = nullptr);

}  // namespace muster::collector
