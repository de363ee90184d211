// A policy as it lies on disk: a file, or a directory whose `*.yml` are one policy. Both programs
// read it here. Any thread; calls block.
#pragma once

#include <absl/status/statusor.h>

#include <string>
#include <vector>

#include "common/policy/policy_file.h"

namespace muster::policy {

inline constexpr size_t kMostPolicyFiles = 500;

// The file, or the directory's `*.yml` by name, and behind them those of its directory `baselines`.
// Not the tests of a policy (`*_test.yml`), hidden files, other names and what else is below it. A
// `*.yaml` would be left out by a slip of the pen: it is refused. NotFound if there is nothing.
absl::StatusOr<std::vector<PolicyText>> read_policy_texts(const std::string& path);

// The texts as one, each after a line with its name where there are several.
std::string join_policy_texts(const std::vector<PolicyText>& texts);

}  // namespace muster::policy
