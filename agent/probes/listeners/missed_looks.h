// What becomes of a listener for which a look had no time. Pure; one thread.
#pragma once

#include <cstdint>

#include "agent/probes/listeners/known_listener.h"

namespace muster::listeners {

// Its turn was missed: what has missed kMostMissed since it was said is known no more.
void miss_look(KnownListener& listener);

// Of the agent's looks, those that had time for it: which question is next goes by these, so that
// each has its turn also where only every n-th look comes to the socket.
uint64_t turn_of(const KnownListener& listener, uint64_t look);

}  // namespace muster::listeners
