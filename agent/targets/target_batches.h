// How looks are put into runs of a probe: all into one, but for those that a run did not answer
// because it crashed or was killed. These go into runs of half as many, again and again, until the
// one that makes its probe crash is alone: so a hostile peer blinds nobody else for long. Pure; one
// thread owns it.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "agent/targets/target_schedule.h"

namespace muster::agent {

class TargetBatches {
 public:
  // At most `most` batches; at least 2 where any() is true. None is empty.
  std::vector<std::vector<PlannedLook>> divide(std::vector<PlannedLook> looks, size_t most) const;

  // A run gave a target's section: it is like the others again.
  void answered(std::string_view entity);
  // A run ended badly without an answer of these.
  void failed(const std::vector<std::string>& entities);
  // Only these are held now.
  void forget_unless(const std::function<bool(const std::string& entity)>& is_held) {
    std::erase_if(largest_, [&is_held](const auto& one) { return !is_held(one.first); });
  }

  bool any() const { return !largest_.empty(); }

 private:
  // The largest batch that the target may be in.
  std::map<std::string, size_t, std::less<>> largest_;
};

}  // namespace muster::agent
