// `muster-agent check --show-what-leaves`: what an agent of this host would send, all of it, before
// anybody has agreed to it. Made from the messages themselves, so it cannot forget a field.
// docs/privacy.md explains each. Pure; any thread.
#pragma once

#include <span>
#include <string>

#include "common/section_state.h"
#include "common/terminal_text.h"

namespace muster::agent {

// For people: once at enrolment, at every renewal, at every report; then each probe's facts as
// JSON.
std::string what_leaves_text(std::span<const SectionState> sections, const TerminalStyle& style);

// For programs: an object with the enrolment's and the report's messages as JSON, proto field
// names; facts are in the clear. What only the moment gives (a token, a key, a number) is
// described.
std::string what_leaves_json(std::span<const SectionState> sections);

}  // namespace muster::agent
