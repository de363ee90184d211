// Any bytes as the files of a policy (a form feed begins the next): what is taken can be judged by,
// each complaint says its place and can be printed.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "common/policy/host_scope.h"
#include "common/policy/policy_file.h"
#include "common/text.h"

namespace {

using namespace muster::policy;

std::vector<PolicyText> split(std::string_view input) {
  std::vector<PolicyText> texts;
  for (size_t at = 0; at <= input.size();) {
    const size_t end = std::min(input.find('\f', at), input.size());
    texts.push_back({.name = "file" + std::to_string(texts.size()),
                     .text = std::string(input.substr(at, end - at))});
    at = end + 1;
  }
  return texts;
}

void check(const Selector& selector, size_t groups) {
  for (const size_t group : selector.groups) {
    if (group >= groups) std::abort();
  }
  for (const Selector& except : selector.except)
    check(except, groups);
}

void check(const Policy& policy) {
  if (policy.sha256.size() != 64 || policy.controls.empty()) std::abort();
  for (size_t i = 0; i < policy.groups.size(); ++i) {
    for (const Selector& selector : policy.groups[i].any_of)
      check(selector, i);
  }
  for (const Waiver& waiver : policy.waivers) {
    check(waiver.match, policy.groups.size());
    if (policy.find_control(waiver.control) == nullptr || waiver.ends <= waiver.starts ||
        waiver.reason.empty() || waiver.approved_by.empty()) {
      std::abort();
    }
  }
  const muster::TimePoint now{std::chrono::hours(500'000)};
  for (const MaintenanceWindow& window : policy.maintenance) {
    if (state_at(window, now).changes_at <= now) std::abort();
  }
  const HostTraits host{.name = "web1", .os_id = "debian", .os_version = "12"};
  if (scope_of(policy, host).controls.size() != policy.controls.size()) std::abort();
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer gives the name.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::StatusOr<Policy> policy =
      parse_policy(split({reinterpret_cast<const char*>(data), size}));
  if (policy.ok()) {
    check(*policy);
    return 0;
  }
  const std::string complaint(policy.status().message());
  if (!complaint.starts_with("file") || !muster::is_valid_utf8(complaint)) std::abort();
  return 0;
}
