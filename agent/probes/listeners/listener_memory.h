// What this probe said last, as the next look begins with it, and what this look says. There is no
// other memory. Pure; any thread.
#pragma once

#include <cstddef>
#include <vector>

#include "agent/probes/listeners/known_listener.h"
#include "agent/probes/listeners/leave_alone.h"
#include "muster/v1/listener_facts.pb.h"

namespace muster::listeners {

// Listeners in the facts.
inline constexpr size_t kMostListeners = 1024;
// Of the facts: what is past it is omitted.
inline constexpr size_t kMostOfFacts = size_t{3} << 20;

struct Recalled {
  std::vector<KnownListener> listeners;
  size_t omitted = 0;
};

// The sockets, each once by address and port, with what was said before by the same number of
// socket.
Recalled recall(const v1::SocketFacts& sockets, const v1::ListenerFacts& before,
                const LeaveAlone& leave_alone);

v1::ListenerFacts to_facts(const std::vector<KnownListener>& listeners, size_t omitted);

}  // namespace muster::listeners
