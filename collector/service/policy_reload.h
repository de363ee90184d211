// What is looked at before a reload replaces anything: whether the policy on disk is one for this
// fleet, and whether collector.yml, which only a start takes, is still good. Calls block.
#pragma once

#include <absl/status/statusor.h>

#include <string>

#include "collector/config.h"
#include "collector/fleet/fleet.h"
#include "collector/service/policy_source.h"

namespace muster::collector {

// As load_policy. InvalidArgument too where a selector selects none of the fleet's hosts and
// targets (null: there are none) and does not say may_be_empty, one line for each with its place: a
// change that reaches nobody is most often a slip. The policy that is in force already is taken as
// it is, with a warning in the log: hosts may have gone since.
absl::StatusOr<LoadedPolicy> load_policy_for(const Fleet& fleet, const std::string& path,
                                             const Fleet* targets = nullptr);

// At the start, where nothing is refused for it.
void warn_of_selectors_without_hosts(const Fleet& fleet, const policy::Policy& policy,
                                     const Fleet* targets = nullptr);

// collector.yml itself is taken at the start only. A broken one is found now, not at the next
// start; of one that is other than what runs it logs and returns that it takes a restart. Else "".
absl::StatusOr<std::string> check_config_file(const Config& running);

}  // namespace muster::collector
