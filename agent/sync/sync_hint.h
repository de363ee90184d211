// gRPC's words for a connection that did not come about, and what an operator can do about it.
// Pure.
#pragma once

#include <string_view>

namespace muster::agent {

// What to do, for gRPC's message of a report that found no collector; empty where that is not
// known.
std::string_view hint_for(std::string_view message);

}  // namespace muster::agent
