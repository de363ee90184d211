// How long agents are asked to wait before their next report: the collector's brake.
#pragma once

#include "common/clock.h"

namespace muster::collector {

// `interval` when there is nothing to do, ten times that when the store's queue is full (`load` 1);
// 10 % earlier or later by `spread` (0 to 1, different for each host and time), so that hosts that
// started together part. At most an hour.
Duration next_sync_after(Duration interval, double load, double spread);

}  // namespace muster::collector
