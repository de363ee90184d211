// The families that docs/metrics.md explains.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <string_view>

#include "common/files.h"

namespace muster::test {

// "muster_host_info info" for each heading "### `muster_host_info` (info)".
inline std::set<std::string> documented_families() {
  const absl::StatusOr<std::string> contract =
      read_file(MUSTER_SOURCE_DIRECTORY "/docs/metrics.md", size_t{1} << 20);
  EXPECT_TRUE(contract.ok()) << contract.status();
  std::set<std::string> families;
  if (!contract.ok()) return families;
  const std::string start = "\n### `";
  for (size_t begin = contract->find(start); begin != std::string::npos;
       begin = contract->find(start, begin)) {
    begin += start.size();
    const size_t name_end = contract->find("` (", begin);
    const size_t type_end = contract->find(")\n", begin);
    if (name_end == std::string::npos || type_end == std::string::npos || type_end < name_end) {
      ADD_FAILURE() << "a heading without a type: " << contract->substr(begin, 80);
      break;
    }
    const std::string type = contract->substr(name_end + 3, type_end - name_end - 3);
    families.insert(contract->substr(begin, name_end - begin) + " " + type);
  }
  return families;
}

inline bool is_of_a_target(std::string_view family) {
  return family.starts_with("muster_target_") && !family.starts_with("muster_target_source_");
}

// Whether a family is about neither one host nor one target.
inline bool is_of_the_collector(std::string_view family) {
  constexpr std::array kBeginnings{
      "muster_collector_", "process_",          "muster_compliance_",
      "muster_policy_",    "muster_waiver_",    "muster_date_",
      "muster_owner_",     "muster_inventory_", "muster_target_source_"};
  return std::any_of(kBeginnings.begin(), kBeginnings.end(),
                     [family](const char* beginning) { return family.starts_with(beginning); });
}

}  // namespace muster::test
