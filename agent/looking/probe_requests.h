// `muster-agent probe-requests`: what each probe is asked, out of agent.yml, in the form that the
// launcher reads (launcher_program/request_table.h). It runs for the launcher, in a sandbox. Pure.
#pragma once

#include <absl/status/statusor.h>

#include <string>
#include <string_view>

#include "agent/config/config.h"
#include "muster/v1/probe.pb.h"

namespace muster::agent {

// Where the probes that look at targets may look.
enum class TargetReach {
  // What the configuration allows, and root's own.
  kConfigured,
  // Anywhere: for who runs `muster-agent check --targets` by hand, never for an agent.
  kAnywhere,
};

// For each row of all_probes(), for a look below `root` (absolute). InvalidArgument where one would
// be larger than the launcher takes.
absl::StatusOr<std::string> probe_requests(const Config& config, const std::string& root,
                                           TargetReach reach = TargetReach::kConfigured);
// The configuration where there is none: every probe as its row has it.
Config default_probe_config();

// What the configuration allows the probe of this name to look at.
v1::TargetRules target_rules(const Config& config, std::string_view probe, TargetReach reach);

}  // namespace muster::agent
