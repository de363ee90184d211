// Why a host stands with a control as it does: all that `muster-collector explain` tells. Any
// thread.
#pragma once

#include <absl/status/statusor.h>

#include "collector/fleet/fleet.h"
#include "common/clock.h"
#include "muster/v1/policy.pb.h"

namespace muster::collector {

// NotFound, with the nearest name: no such host, or the policy in force has no such control.
absl::StatusOr<v1::Explanation> explain(const Fleet& fleet, const v1::ExplainRequest& request,
                                        TimePoint now);

}  // namespace muster::collector
