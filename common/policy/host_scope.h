// What of a policy is about one host or target. It changes only with the policy and with what
// selectors look at (name, labels, operating system), so whoever judges a host often keeps it.
// Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "common/policy/policy.h"

namespace muster::policy {

struct HostScope {
  // Whether each control is required of the host, by its index.
  std::vector<Match> controls;
  // Indices of the waivers that select the host, active or not.
  std::vector<uint32_t> waivers;
  // Index of the owner.
  std::optional<uint32_t> owner;
  // Indices of the maintenance windows.
  std::vector<uint32_t> windows;

  bool operator==(const HostScope&) const = default;
};

HostScope scope_of(const Policy& policy, const HostTraits& host);

// The selectors of the policy that select none of the hosts and targets and may not be empty: each
// with the place where it is written and what it belongs to. Those about hosts are not looked at
// where there are no hosts at all, and those about targets where there are no targets.
struct EmptySelector {
  Place place;
  // "the control security-updates".
  std::string of;
  // What it does not select: "host", "target", "host or target".
  std::string_view selects;
};
class SelectorUse {
 public:
  // `policy` outlives it.
  explicit SelectorUse(const Policy& policy);
  void add(const HostTraits& host);
  std::vector<EmptySelector> empty() const;

 private:
  const Policy& policy_;
  bool has_hosts_ = false;
  bool has_targets_ = false;
  // In the order of the policy: groups' selectors, controls, owners, waivers, windows.
  std::vector<bool> used_;
};

}  // namespace muster::policy
