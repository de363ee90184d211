// The policy as files: YAML texts to one Policy, strictly. The parts of a file are read in file/.
#pragma once

#include <absl/status/statusor.h>

#include <span>
#include <string>
#include <string_view>

#include "common/policy/policy.h"

namespace muster::policy {

// One file of a policy.
struct PolicyText {
  // As complaints name it.
  std::string name;
  std::string text;
};

// All texts together, in bytes.
inline constexpr size_t kLargestPolicy = size_t{4} << 20;

// Reads a policy. Every key may be in any of the texts; lists are joined in their order.
// InvalidArgument with one complaint a line, each with name:line:column and what to do; after the
// first 100, how many more there are.
absl::StatusOr<Policy> parse_policy(std::span<const PolicyText> texts);
absl::StatusOr<Policy> parse_policy(const std::string& text, std::string name);

// The built-in policy as its file, with its comments (default_policy.yml, compiled in), and parsed.
std::string_view default_policy_text();
const Policy& default_policy();

}  // namespace muster::policy
