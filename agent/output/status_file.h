// status.json: what a running agent leaves for `muster-agent status`. Calls block.
#pragma once

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <string>

#include "muster/v1/agent_facts.pb.h"

namespace muster::agent {

std::string status_path(const std::string& state_directory);

// Replaces the file; 0644, for every user may look. Not synced: it is worth nothing after a crash.
absl::Status write_status(const std::string& state_directory, const v1::AgentStatus& status);

absl::StatusOr<v1::AgentStatus> read_status(const std::string& state_directory);

}  // namespace muster::agent
