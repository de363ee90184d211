// A phase's result for a terminal, or as one line of JSON. Pure; any thread.
#pragma once

#include <optional>
#include <string>

#include "tests/simulator/server_usage.h"
#include "tests/simulator/simulation.h"

namespace muster::simulator {

// The server at both ends of the phase.
struct ServerMeasured {
  ServerUsage before;
  ServerUsage after;
};

std::string phase_as_text(const PhaseResult& result, const std::optional<ServerMeasured>& server);
// With a line end. Times are in seconds.
std::string phase_as_json(const PhaseResult& result, const std::optional<ServerMeasured>& server);

}  // namespace muster::simulator
