// The policy that the fleet is judged by, and another one to compare with.
#include <algorithm>
#include <thread>
#include <utility>

#include "collector/fleet/fleet.h"
#include "collector/fleet/fleet_host.h"

namespace muster::collector {
namespace {

// More leave nothing for reports, and fewer hosts are not worth one.
constexpr size_t kMostThreads = 4;
constexpr size_t kLeastHostsForThreads = 256;

}  // namespace

Fleet::PolicyInForce::PolicyInForce(const std::shared_ptr<const policy::Policy>& before,
                                    std::shared_ptr<const policy::Policy> now)
    : policy(std::move(now)),
      from_before(before == nullptr ? std::nullopt
                                    : std::optional(policy::PolicyChange(before, policy))),
      from_itself(policy, policy) {}

const policy::PolicyChange* Fleet::PolicyInForce::change_from(
    const std::shared_ptr<const policy::Policy>& other) const {
  if (other == nullptr) return nullptr;
  if (other == policy) return &from_itself;
  return from_before && from_before->before() == other ? &*from_before : nullptr;
}

void Fleet::set_policy(std::shared_ptr<const policy::Policy> policy) {
  auto in_force = std::make_shared<const PolicyInForce>(this->policy(), std::move(policy));
  {
    const std::lock_guard guard(policy_mutex_);
    policy_in_force_ = std::move(in_force);
  }
  // Who comes from here on is judged by it anyway.
  visit_hosts_in_parallel(kJudgedAtOnce, [this](Host& host) { judge(host, clock_.now(), {}); });
}

std::shared_ptr<const Fleet::PolicyInForce> Fleet::policy_in_force() const {
  const std::lock_guard guard(policy_mutex_);
  return policy_in_force_;
}

std::shared_ptr<const policy::Policy> Fleet::policy() const {
  return policy_in_force()->policy;
}

PolicyPreview Fleet::preview(const policy::Policy& policy, std::optional<TimePoint> at,
                             const policy::Policy* instead_of) const {
  PolicyPreviewer previewer(policy, clock_.now(), at, instead_of);
  visit_hosts(kJudgedAtOnce, [&previewer](const Host& host) {
    previewer.add({.view = host.view(),
                   .os = host.os,
                   .reporting = host.reporting,
                   .first_seen = host.first_seen,
                   .judged_by = host.judged_by,
                   .standings = host.standings});
  });
  return previewer.take();
}

void Fleet::visit_hosts(size_t at_once, const Visit& visit) const {
  visit_some_hosts(0, 1, at_once, visit);
}

void Fleet::visit_hosts_in_parallel(size_t at_once, const Visit& visit) const {
  const size_t processors = std::max<size_t>(1, std::thread::hardware_concurrency());
  const size_t count =
      counts().hosts < kLeastHostsForThreads ? 1 : std::min(processors, kMostThreads);
  std::vector<std::thread> others;
  for (size_t i = 1; i < count; ++i) {
    others.emplace_back(
        [this, i, count, at_once, &visit] { visit_some_hosts(i, count, at_once, visit); });
  }
  visit_some_hosts(0, count, at_once, visit);
  for (std::thread& other : others)
    other.join();
}

void Fleet::visit_some_hosts(size_t first, size_t step, size_t at_once, const Visit& visit) const {
  // The shards take turns, so that who waits for one gets it as soon as its hosts are done: a mutex
  // that is taken again at once is hardly ever anybody else's in between.
  std::array<std::string, kShards> after;
  std::array<bool, kShards> done{};
  for (bool all_done = false; !all_done;) {
    all_done = true;
    for (size_t i = first; i < kShards; i += step) {
      if (done[i]) continue;
      Shard& shard = *shards_[i];
      const std::lock_guard guard(shard.mutex);
      auto host = shard.hosts.upper_bound(after[i]);
      for (size_t count = 0; count < at_once && host != shard.hosts.end(); ++count, ++host) {
        after[i] = host->first;
        visit(host->second);
      }
      done[i] = host == shard.hosts.end();
      all_done &= done[i];
    }
  }
}

}  // namespace muster::collector
