#include "agent/targets/target_batches.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace muster::agent {

std::vector<std::vector<PlannedLook>> TargetBatches::divide(std::vector<PlannedLook> looks,
                                                            size_t most) const {
  std::vector<std::vector<PlannedLook>> batches;
  const auto suspect = std::stable_partition(
      looks.begin(), looks.end(),
      [this](const PlannedLook& look) { return !largest_.contains(look.entity); });
  std::vector<PlannedLook> suspects(std::make_move_iterator(suspect),
                                    std::make_move_iterator(looks.end()));
  looks.erase(suspect, looks.end());
  if (!looks.empty()) batches.push_back(std::move(looks));
  // By name, so that the halves of a batch stay halves.
  std::stable_sort(suspects.begin(), suspects.end(),
                   [](const PlannedLook& a, const PlannedLook& b) { return a.entity < b.entity; });
  const size_t first = batches.size();
  size_t room = 0;
  for (PlannedLook& look : suspects) {
    const size_t largest = largest_.find(look.entity)->second;
    const bool is_full = batches.size() == first || room == 0 || batches.back().size() >= largest;
    if (is_full && batches.size() < most) {
      batches.emplace_back();
      room = largest;
    }
    if (room > 0) --room;
    batches.back().push_back(std::move(look));
  }
  return batches;
}

void TargetBatches::answered(std::string_view entity) {
  const auto found = largest_.find(entity);
  if (found != largest_.end()) largest_.erase(found);
}

void TargetBatches::failed(const std::vector<std::string>& entities) {
  const size_t half = std::max<size_t>(1, entities.size() / 2);
  for (const std::string& entity : entities)
    largest_[entity] = half;
}

}  // namespace muster::agent
