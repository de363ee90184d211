// agent.yml for who acts on it: a Config that is the word of root or of this process's user
// (config_owner.h). Any thread; calls block.
#pragma once

#include <absl/status/statusor.h>

#include <string>

#include "agent/config/config.h"
#include "common/descriptor.h"

namespace muster::agent {

struct TrustedConfig {
  Config config;
  // What was read, whatever the path leads to by now.
  Descriptor file;
};

// As load_config; FailedPrecondition, with what to do, for a file that somebody else may decide on.
absl::StatusOr<TrustedConfig> load_trusted_config(const std::string& path);

}  // namespace muster::agent
