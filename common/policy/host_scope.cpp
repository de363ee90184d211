#include "common/policy/host_scope.h"

#include <fmt/format.h>

#include <functional>
#include <string>

namespace muster::policy {
namespace {

// With what it is of ("the control", "security-updates").
using Use = std::function<void(const Selector&, std::string_view kind, const std::string& name)>;

// Every selector of the policy, in one order.
void for_each_selector(const Policy& policy, const Use& use) {
  for (const Group& group : policy.groups) {
    for (const Selector& selector : group.any_of)
      use(selector, "the group", group.name);
  }
  for (const Control& control : policy.controls)
    use(control.applies_to, "the control", control.id);
  for (const Owner& owner : policy.owners)
    use(owner.match, "the owner", owner.team);
  for (const Waiver& waiver : policy.waivers)
    use(waiver.match, "the waiver", waiver.id);
  for (const MaintenanceWindow& window : policy.maintenance)
    use(window.match, "the maintenance window", window.name);
}

}  // namespace

HostScope scope_of(const Policy& policy, const HostTraits& host) {
  const std::vector<Match> groups = match_groups(policy.groups, host);
  HostScope scope;
  scope.controls.reserve(policy.controls.size());
  for (const Control& control : policy.controls)
    scope.controls.push_back(match(control.applies_to, host, groups));
  for (uint32_t i = 0; i < policy.waivers.size(); ++i) {
    if (match(policy.waivers[i].match, host, groups) == Match::kYes) scope.waivers.push_back(i);
  }
  for (uint32_t i = 0; i < policy.owners.size() && !scope.owner; ++i) {
    if (match(policy.owners[i].match, host, groups) == Match::kYes) scope.owner = i;
  }
  for (uint32_t i = 0; i < policy.maintenance.size(); ++i) {
    if (match(policy.maintenance[i].match, host, groups) == Match::kYes) scope.windows.push_back(i);
  }
  return scope;
}

SelectorUse::SelectorUse(const Policy& policy) : policy_(policy) {
  for_each_selector(policy, [this](const Selector& selector, std::string_view, const std::string&) {
    Selector everything;
    everything.kind = selector.kind;
    used_.push_back(selector.may_be_empty || selector == everything);
  });
}

void SelectorUse::add(const HostTraits& host) {
  (host.kind == kHostKind ? has_hosts_ : has_targets_) = true;
  const std::vector<Match> groups = match_groups(policy_.groups, host);
  size_t index = 0;
  for_each_selector(policy_, [&](const Selector& selector, std::string_view, const std::string&) {
    // What cannot be told yet may be a host of it.
    if (!used_[index]) used_[index] = match(selector, host, groups) != Match::kNo;
    ++index;
  });
}

std::vector<EmptySelector> SelectorUse::empty() const {
  std::vector<EmptySelector> result;
  size_t index = 0;
  for_each_selector(
      policy_, [&](const Selector& selector, std::string_view kind, const std::string& name) {
        if (used_[index++]) return;
        const bool is_of_hosts = selector.kind == kHostKind;
        if (!selector.kind.empty() && !(is_of_hosts ? has_hosts_ : has_targets_)) return;
        result.push_back(
            {.place = selector.place,
             .of = fmt::format("{} {}", kind, name),
             .selects = selector.kind.empty() ? "host or target" : noun_of(selector.kind)});
      });
  return result;
}

}  // namespace muster::policy
