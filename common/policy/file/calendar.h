// `maintenance:` and `dates:` of a policy. Pure.
#pragma once

#include <vector>

#include "common/policy/file/selectors.h"
#include "common/policy/policy.h"
#include "common/yaml_reader.h"

namespace muster::policy {

inline constexpr size_t kMostWindows = 500;
inline constexpr size_t kMostDates = 2000;
// Of a window that comes once: a longer silence is a waiver's business.
inline constexpr Duration kLongestWindow = std::chrono::days(92);

std::vector<MaintenanceWindow> read_maintenance(std::vector<YamlMap>& maps,
                                                SelectorReader& selectors);
// Their labels are of `vocabulary`, as those that hosts have.
std::vector<KeptDate> read_dates(std::vector<YamlMap>& maps, const Vocabulary& vocabulary);

}  // namespace muster::policy
