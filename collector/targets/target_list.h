// The targets that one source lists, in its order. A plain value.
#pragma once

#include <algorithm>
#include <vector>

#include "common/targets/target.h"

namespace muster::collector {

struct TargetList {
  std::vector<Target> targets;

  size_t size() const { return targets.size(); }
  // With their places, which are told to people: another line is news.
  bool operator==(const TargetList& other) const {
    return std::equal(
        targets.begin(), targets.end(), other.targets.begin(), other.targets.end(),
        [](const Target& one, const Target& two) { return one == two && one.place == two.place; });
  }
};

}  // namespace muster::collector
