// One table out of what the sources list: a name is the first's that lists it. Pure; any thread.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "collector/targets/target_list.h"
#include "collector/targets/target_table.h"

namespace muster::collector {

struct MergedTargets {
  TargetTable table;
  // What of each source is not in the table, as one before it lists the name, or as there are
  // kMostTargets.
  struct LeftOut {
    size_t count = 0;
    // The first of them, for people; empty: none.
    std::string example;
  };
  std::vector<LeftOut> left_out;
};

// `lists`: of each source, in their order.
MergedTargets merge_targets(const std::vector<std::shared_ptr<const TargetList>>& lists);

}  // namespace muster::collector
