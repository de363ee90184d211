// `host:` and `target:` of a policy's test: what it is about. Pure.
#pragma once

#include "collector/policy_test/policy_case.h"
#include "common/policy/policy.h"
#include "common/yaml_reader.h"

namespace muster::collector {

// Over what a recording says, if there is one. Complaints go to the map's document.
void read_case_host(YamlMap& map, const policy::Policy& policy, PolicyCase& result);

}  // namespace muster::collector
