#include "collector/targets/merged_targets.h"

#include <fmt/format.h>

#include <utility>

#include "common/targets/target_rules.h"

namespace muster::collector {

MergedTargets merge_targets(const std::vector<std::shared_ptr<const TargetList>>& lists) {
  MergedTargets merged;
  TargetTable::Targets targets;
  for (const std::shared_ptr<const TargetList>& list : lists) {
    MergedTargets::LeftOut left_out;
    for (const Target& target : list->targets) {
      const auto known = targets.find(target.name);
      if (known == targets.end() && targets.size() < kMostTargets) {
        targets.emplace(target.name, target);
        continue;
      }
      if (left_out.count++ > 0) continue;
      left_out.example =
          known == targets.end()
              ? fmt::format("{}: there are {} targets before it", target.name, kMostTargets)
              : fmt::format("{} is listed at {}", target.name, known->second.place);
    }
    merged.left_out.push_back(std::move(left_out));
  }
  merged.table = TargetTable(std::move(targets));
  return merged;
}

}  // namespace muster::collector
