// The part of a host's memory that is about one control: since when which of its subjects are
// unmet.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/policy/first_seen.h"
#include "common/policy/policy.h"

namespace muster::policy {

class ControlMemory {
 public:
  using Entry = std::pair<std::string_view, TimePoint>;

  // `all` stays where it is and is changed by this alone.
  ControlMemory(FirstSeen& all, const std::string& control);

  std::optional<TimePoint> find(std::string_view subject) const;
  // By subject, in their order; they hold until replace.
  const std::vector<Entry>& entries() const { return entries_; }

  // What to remember from now on, in any order. False: it is what was remembered before, as for
  // most hosts at most times, and nothing was touched.
  bool replace(std::vector<Entry> entries);

 private:
  FirstSeen& all_;
  const std::string& control_;
  FirstSeen::iterator begin_;
  FirstSeen::iterator end_;
  std::vector<Entry> entries_;
};

// Forgets controls that the policy has not, and entities that are not the host. False: there were
// none.
bool forget_other_controls(FirstSeen& all, const Policy& policy);

}  // namespace muster::policy
