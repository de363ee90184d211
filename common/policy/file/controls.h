// `controls:` and `deadlines:` of a policy. Pure.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "common/policy/file/selectors.h"
#include "common/policy/policy.h"
#include "common/yaml_reader.h"

namespace muster::policy {

inline constexpr size_t kMostControls = 500;
inline constexpr size_t kMostFrameworkIds = 50;
inline constexpr size_t kLongestFrameworkId = 32;

// `deadlines:`, which one file has: what `deadline: by-severity` means.
std::optional<Deadlines> read_deadlines(std::span<YamlMap> files);

std::vector<Control> read_controls(std::vector<YamlMap>& maps,
                                   const std::optional<Deadlines>& by_severity,
                                   SelectorReader& selectors);

}  // namespace muster::policy
