// The tests of a policy as a file (`*_test.yml`): YAML text to cases, strictly. What the file may
// say is in docs/policy.md. Pure, apart from the reading of recorded hosts that it is given.
#pragma once

#include <absl/status/statusor.h>

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "collector/policy_test/policy_case.h"
#include "collector/policy_test/recorded_host.h"
#include "common/policy/policy.h"

namespace muster::collector {

inline constexpr size_t kMostPolicyCases = 1000;

struct PolicyCaseContext {
  // The controls that tests may name.
  const policy::Policy& policy;
  // Every test runs at that time, whatever it says.
  std::optional<TimePoint> at;
  // Reads what `facts_from` names, as it is written there.
  std::function<absl::StatusOr<RecordedHost>(const std::string& file)> read_recorded;
};

// InvalidArgument with one complaint a line, each with `name`:line:column.
absl::StatusOr<std::vector<PolicyCase>> parse_policy_cases(const std::string& text,
                                                           const std::string& name,
                                                           const PolicyCaseContext& context);

}  // namespace muster::collector
