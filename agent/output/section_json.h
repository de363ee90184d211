// One host as JSON, in the shape of the collector's API: muster.v1.HostDetail with proto field
// names and the facts as messages. Pure; any thread.
#pragma once

#include <span>
#include <string>

#include "agent/output/check_notes.h"
#include "common/section_state.h"
#include "muster/v1/fleet.pb.h"

namespace muster::agent {

// A section as the API shows it: its facts as a message, where this program knows their type.
v1::FleetSection section_message(const SectionState& state);

// Ends with a line feed.
std::string host_json(const HostNames& host, std::span<const v1::Verdict> verdicts,
                      std::span<const SectionState> sections);

}  // namespace muster::agent
