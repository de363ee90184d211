// The policy that the fleet is judged by, and another one to compare with.
#include <algorithm>
#include <utility>

#include "collector/fleet/fleet.h"
#include "collector/fleet/fleet_host.h"

namespace muster::collector {
namespace {

// Judging that many takes a millisecond or so, for which a report to one of their shard waits.
constexpr size_t kAtOnce = 4;

}  // namespace

void Fleet::set_policy(std::shared_ptr<const policy::Policy> policy) {
  {
    const std::lock_guard guard(policy_mutex_);
    policy_ = std::move(policy);
  }
  visit_hosts(kAtOnce, [this](Host& host) { judge(host, clock_.now(), {}); });
}

std::shared_ptr<const policy::Policy> Fleet::policy() const {
  const std::lock_guard guard(policy_mutex_);
  return policy_;
}

PolicyPreview Fleet::preview(const policy::Policy& policy, std::optional<TimePoint> at,
                             const policy::Policy* instead_of) const {
  PolicyPreviewer previewer(policy, clock_.now(), at, instead_of);
  visit_hosts(kAtOnce, [&previewer](const Host& host) {
    previewer.add({.view = host.view(),
                   .os = host.os,
                   .reporting = host.reporting,
                   .first_seen = host.first_seen,
                   .judged_by = host.judged_by,
                   .standings = host.standings});
  });
  return previewer.take();
}

void Fleet::visit_hosts(size_t at_once, const std::function<void(Host&)>& use) const {
  // The shards take turns, so that who waits for one gets it as soon as its hosts are done: a mutex
  // that is taken again at once is hardly ever anybody else's in between.
  std::array<std::string, kShards> after;
  std::array<bool, kShards> done{};
  for (size_t left = kShards; left > 0;) {
    for (size_t i = 0; i < kShards; ++i) {
      if (done[i]) continue;
      Shard& shard = *shards_[i];
      const std::lock_guard guard(shard.mutex);
      auto host = shard.hosts.upper_bound(after[i]);
      for (size_t count = 0; count < at_once && host != shard.hosts.end(); ++count, ++host) {
        after[i] = host->first;
        use(host->second);
      }
      done[i] = host == shard.hosts.end();
      if (done[i]) --left;
    }
  }
}

}  // namespace muster::collector
