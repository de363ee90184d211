// What a host is told whose reports are not taken because of its identity. Pure; any thread.
#pragma once

#include <optional>

#include "collector/fleet/host_identity.h"
#include "collector/sync/sync_validation.h"

namespace muster::collector {

// Nothing for kTaken.
std::optional<Rejection> refusal_of(Admission admission);

}  // namespace muster::collector
