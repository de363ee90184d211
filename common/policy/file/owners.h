// `owners:` of a policy. Pure.
#pragma once

#include <vector>

#include "common/policy/file/selectors.h"
#include "common/policy/policy.h"
#include "common/yaml_reader.h"

namespace muster::policy {

inline constexpr size_t kMostOwners = 500;

std::vector<Owner> read_owners(std::vector<YamlMap>& maps, SelectorReader& selectors);

}  // namespace muster::policy
