// How long to wait after failures in a row. Pure; any thread.
#pragma once

#include "common/clock.h"

namespace muster::agent {

// Exponential with full jitter: a random part of 1 s, 2 s, 4 s … 5 min, and never under 200 ms, so
// that a fleet that lost its collector does not come back in step. `failures` counts from 1;
// `random` is in [0, 1).
Duration backoff_delay(unsigned failures, double random);

// `interval` moved by up to a tenth in either direction, so that hosts that started together drift
// apart. `random` is in [0, 1).
Duration with_jitter(Duration interval, double random);

}  // namespace muster::agent
