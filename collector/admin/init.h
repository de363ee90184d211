// `muster-collector init`: a state directory with a CA, a server certificate, a configuration and a
// policy. Nothing that is there is ever overwritten.
#pragma once

#include <absl/status/statusor.h>

#include <string>

#include "collector/config.h"
#include "common/clock.h"

namespace muster::collector {

// Makes the directory config.state_directory (or takes an empty one) and fills it. Returns the path
// of the configuration. AlreadyExists when the directory has anything in it.
absl::StatusOr<std::string> initialize(Config config, const Clock& clock);

// What an operator does next.
std::string next_steps(const std::string& config_path);

}  // namespace muster::collector
