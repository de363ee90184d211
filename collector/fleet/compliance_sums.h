// Counts of compliance out of the shards of a fleet, put together for metrics. Pure; any thread.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "collector/fleet/compliance_count.h"

namespace muster::collector {

// Values of one label that have counts of their own: those of the most hosts. The rest is one more.
inline constexpr size_t kMostLabelValues = 200;
inline constexpr const char* kOtherValues = "(other)";

struct ComplianceSum {
  // A control's id; empty: all of them together.
  std::string control;
  // As in GroupCounts.
  std::string by;
  std::string value;
  ComplianceCount count;
};

// By label, value and control; without those for which nothing is judged. Controls of several
// policies are one by their id.
std::vector<ComplianceSum> sum_compliance(std::span<const GroupCounts> groups);

}  // namespace muster::collector
