// `waivers:` and `waiver_limit:` of a policy. Pure.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "common/policy/file/selectors.h"
#include "common/policy/policy.h"
#include "common/yaml_reader.h"

namespace muster::policy {

inline constexpr size_t kMostWaivers = 2000;
inline constexpr Duration kUsualWaiverLimit = std::chrono::days(180);

// The longest that a waiver may last from its start to its end, and where that is written.
struct WaiverLimit {
  Duration time = kUsualWaiverLimit;
  // Empty: it is the usual one.
  std::string place;
};
WaiverLimit read_waiver_limit(std::span<YamlMap> files);

// `policy` has its controls.
std::vector<Waiver> read_waivers(std::vector<YamlMap>& maps, const Policy& policy,
                                 const WaiverLimit& limit, SelectorReader& selectors);

}  // namespace muster::policy
