// The event engine that gRPC runs closures on, instead of its own: that one has a thread which
// wakes every second though nothing is due, and two more that wait for work. This one has one
// thread, which sleeps until something is due. gRPC 1.51 does its network input and output
// elsewhere (in iomgr), so connections, listeners and name resolution are answered with
// Unimplemented.
//
// Any thread.
#pragma once

namespace muster::agent {

// For everything of gRPC in this process; to be called before anything else of gRPC.
void use_small_event_engine();

}  // namespace muster::agent
