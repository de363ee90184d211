// The tests beside a policy: found, read and run. Calls block.
#pragma once

#include <absl/status/statusor.h>

#include <optional>
#include <string>
#include <vector>

#include "common/clock.h"
#include "common/policy/policy.h"
#include "muster/v1/policy.pb.h"

namespace muster::collector {

// Of a directory: all `*_test.yml` in it, sorted. Of a file `x.yml`: `x_test.yml` beside it, if
// there is one. NotFound, PermissionDenied: as the path has it.
absl::StatusOr<std::vector<std::string>> find_policy_tests(const std::string& path);

// Runs those files; with `at`, all at that time. InvalidArgument with the complaints of all files
// that are wrong; then none is run.
absl::StatusOr<v1::PolicyTestReport> run_policy_tests(const std::vector<std::string>& files,
                                                      const policy::Policy& policy,
                                                      std::optional<TimePoint> at);

}  // namespace muster::collector
