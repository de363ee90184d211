// What standings by one policy are worth under another, or for a host that another part of the same
// one is about: a control that asks the same of a host as before, with the same waivers, stands as
// it did. Most reloads change one line, and judging a fleet anew takes seconds. Pure; any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "common/policy/evaluation.h"
#include "common/policy/host_scope.h"
#include "common/policy/policy.h"

namespace muster::policy {

class PolicyChange {
 public:
  PolicyChange(std::shared_ptr<const Policy> before, std::shared_ptr<const Policy> after);

  const std::shared_ptr<const Policy>& before() const { return before_; }

  // For evaluate_carried: one a control of the policy after, of a host that had these standings by
  // the policy before. Those that say nothing any more hold until TimePoint::min().
  std::vector<Standing> carry(const HostScope& before, const HostScope& after,
                              std::span<const Standing> standings) const;

 private:
  // Controls that have another waiver than before, in `controls`; whether there are any.
  bool find_touched(const HostScope& before, const HostScope& after,
                    std::vector<std::string_view>& controls) const;

  std::shared_ptr<const Policy> before_;
  std::shared_ptr<const Policy> after_;
  // Of each control after, the one before that asks the same of the hosts that it applies to.
  std::vector<std::optional<uint32_t>> controls_;
  // Of each waiver before, the one after that excepts the same.
  std::vector<std::optional<uint32_t>> waivers_;
  // Whether other firmware is asked for.
  bool other_baselines_ = false;
};

}  // namespace muster::policy
