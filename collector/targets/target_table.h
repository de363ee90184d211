// The targets that a site lists at the collector: one table out of all files and servers. A plain
// value, shared read-only once it is made.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "common/targets/target.h"
#include "common/targets/target_rules.h"

namespace muster::collector {

class TargetTable {
 public:
  // By name.
  using Targets = std::map<std::string, Target, std::less<>>;

  TargetTable() = default;
  explicit TargetTable(Targets targets) : targets_(std::move(targets)) {}

  const Targets& targets() const { return targets_; }
  // Null: it is not listed.
  const Target* find(std::string_view name) const {
    const auto found = targets_.find(name);
    return found == targets_.end() ? nullptr : &found->second;
  }

 private:
  Targets targets_;
};

}  // namespace muster::collector
