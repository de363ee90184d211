// `targets:` of agent.yml: what a collector may have this agent look at, what it looks at for its
// own host, and how fast. Pure; any thread.
#pragma once

#include "agent/config/config.h"
#include "common/yaml_reader.h"

namespace muster::agent {

inline constexpr size_t kMostAllowedEntries = 1000;
inline constexpr size_t kMostOwnTargets = 100;

// Complaints are noted in the document.
void read_targets(YamlMap& root, Config& config);

}  // namespace muster::agent
