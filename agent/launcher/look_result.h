// What one run of a probe program says, as a section: its own if it kept the contract, else a
// failed one whose reason names what happened. Pure; any thread.
#pragma once

#include "agent/launcher/launcher.h"
#include "agent/looking/probe_list.h"
#include "common/clock.h"
#include "muster/v1/section.pb.h"

namespace muster::agent {

// The section of the host that the run gave. `request` is what was launched: its program and limits
// go into the reasons. The section carries the row's name and `now`.
v1::Section section_of(const ProbeRow& row, const LaunchRequest& request,
                       const LaunchResult& result, TimePoint now);

}  // namespace muster::agent
