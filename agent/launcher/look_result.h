// What one run of a probe program says, as a section: its own if it kept the contract, else a
// failed one whose reason names what happened. Pure; any thread.
#pragma once

#include <string>
#include <string_view>

#include "agent/launcher/launcher.h"
#include "agent/looking/probe_list.h"
#include "common/clock.h"
#include "muster/v1/section.pb.h"

namespace muster::agent {

// The section of the host that the run gave. `request` is what was launched: its program and limits
// go into the reasons. The section carries the row's name and `now`.
v1::Section section_of(const ProbeRow& row, const LaunchRequest& request,
                       const LaunchResult& result, TimePoint now);

// What happened to a run, to follow the program's name; empty if it ended well.
std::string mishap(const LaunchRequest& request, const LaunchResult& result);
// "muster-probe-tcp was killed after 90 s", within the bounds of a section.
std::string failed_reason(const ProbeRow& row, std::string_view what);

}  // namespace muster::agent
