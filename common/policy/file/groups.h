// `groups:` of a policy: in any order in the files, each after those it names in the policy. Pure.
#pragma once

#include <vector>

#include "common/policy/file/selectors.h"
#include "common/policy/policy.h"
#include "common/yaml_reader.h"

namespace muster::policy {

inline constexpr size_t kMostGroups = 500;
inline constexpr size_t kMostSelectorsOfGroup = 100;

// Reads the groups, and tells the reader of selectors which there are. A group that is in itself is
// a complaint that names the way round.
std::vector<Group> read_groups(std::vector<YamlMap>& maps, SelectorReader& selectors);

}  // namespace muster::policy
