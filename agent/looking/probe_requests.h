// `muster-agent probe-requests`: what each probe is asked, out of agent.yml, in the form that the
// launcher reads (launcher_program/request_table.h). It runs for the launcher, in a sandbox. Pure.
#pragma once

#include <absl/status/statusor.h>

#include <string>

#include "agent/config/config.h"

namespace muster::agent {

// For each row of all_probes(), for a look below `root` (absolute).
std::string probe_requests(const Config& config, const std::string& root);
// The same without a configuration: every probe as its row has it.
std::string default_probe_requests(const std::string& root);

}  // namespace muster::agent
