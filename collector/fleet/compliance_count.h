// Counts of compliance as they are handed on. Plain values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "common/policy/policy.h"

namespace muster::collector {

// Of pairs of a host and a control that applies to it.
struct ComplianceCount {
  uint32_t compliant = 0;
  uint32_t judged = 0;
  bool operator==(const ComplianceCount&) const = default;
};

// Of the hosts with one value of one label.
struct GroupCounts {
  // The label's name, and its value as it is shown; both empty: all hosts.
  std::string by;
  std::string value;
  size_t hosts = 0;
  // By the controls of the policy that they were judged by, which is shared with them.
  std::shared_ptr<const policy::Policy> policy;
  std::vector<ComplianceCount> controls;
};

}  // namespace muster::collector
