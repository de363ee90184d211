// gRPC's timers wait together: gRPC 1.51 (iomgr's timer manager) wakes two and a half times a
// second to see that none of its timers is due, which is most of what an agent costs while nothing
// happens. It waits by gRPC's public gpr_cv_wait; the linker's --wrap lets a function of ours come
// between, which rounds up what the timer threads wait for. So each of gRPC's own time-outs (30 s
// for a report, 20 s for a connection) is up to a tick late; nothing else is: our timers are
// Asio's, and gRPC's other threads wait as they ask. Where gRPC is a shared library, or names its
// threads otherwise, nothing changes. docs/adr/0009-grpcs-timers-wait-together.md has the reasons.
#pragma once

#include <grpc/support/time.h>

namespace muster::agent {

// From here on, for all of gRPC in this process; 0, as it is at the start, is gRPC's own way.
void gather_grpc_timers(int64_t tick_seconds);

// The next whole multiple of the tick on the deadline's own clock; "never" stays.
gpr_timespec next_tick(gpr_timespec deadline, int64_t tick_seconds);

}  // namespace muster::agent
