// Where the policy comes from: a file, a directory of files, or the built-in one. Calls block.
#pragma once

#include <absl/status/statusor.h>

#include <memory>
#include <string>

#include "common/policy/policy.h"

namespace muster::collector {

struct LoadedPolicy {
  // Shared with the judgements under way when a reload replaces it.
  std::shared_ptr<const policy::Policy> policy;
  // As it is written, with its comments; several files are joined, each after its name.
  std::string text;
};

// The policy of that file or directory; an empty path: the built-in one. InvalidArgument names
// file, line and column.
absl::StatusOr<LoadedPolicy> load_policy(const std::string& path);

}  // namespace muster::collector
