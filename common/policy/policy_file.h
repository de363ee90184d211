// The policy as a file: YAML text to a Policy, strictly.
#pragma once

#include <absl/status/statusor.h>

#include <string>
#include <string_view>

#include "common/policy/policy.h"

namespace muster::policy {

// Reads a policy. InvalidArgument with one complaint a line, each with `name`:line:column. A
// parameter that the control's rule does not have, an unknown rule and a doubled id are complaints.
absl::StatusOr<Policy> parse_policy(const std::string& text, std::string name);

// The built-in policy as its file, with its comments (default_policy.yml, compiled in), and parsed.
std::string_view default_policy_text();
const Policy& default_policy();

}  // namespace muster::policy
