#include <algorithm>
#include <utility>

#include "agent/probes/hardware/arrays/arrays.h"

namespace muster::hardware {

void set_members(std::vector<v1::ArrayMember> members, const std::string& path,
                 v1::RedundantArray& array, MachineFiles& files) {
  std::stable_sort(members.begin(), members.end(),
                   [](const auto& one, const auto& other) { return one.name() < other.name(); });
  files.keep(members, kMostMembers, path, "members");
  array.mutable_members()->Assign(members.begin(), members.end());
}

}  // namespace muster::hardware
