// The baselines of a policy, for tests.
#pragma once

#include <absl/status/statusor.h>

#include <span>
#include <vector>

#include "common/firmware/baseline.h"
#include "common/policy/policy_file.h"

namespace muster::testing {

// Of these files, and one with a control, without which there is no policy.
inline absl::StatusOr<firmware::Baseline> baselines_of(std::span<const policy::PolicyText> texts) {
  std::vector<policy::PolicyText> all(texts.begin(), texts.end());
  all.push_back({.name = "controls.yml",
                 .text = "controls: [{id: reporting, title: It reports, rule: host_reporting, "
                         "severity: high}]"});
  absl::StatusOr<policy::Policy> policy = policy::parse_policy(all);
  if (!policy.ok()) return policy.status();
  return std::move(policy->baselines);
}

}  // namespace muster::testing
