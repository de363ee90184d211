// What of the policy is about a host beside its verdicts: who answers for it, which maintenance
// windows it is in, and where it counts for compliance.
#include <algorithm>
#include <utility>

#include "collector/fleet/fleet.h"
#include "collector/fleet/fleet_host.h"

namespace muster::collector {

void Fleet::count_compliance(Host& host) {
  ComplianceTable& table = shard_of(host.record.id).compliance;
  if (!host.counted.is_counted()) {
    ++scope_changes_;
    table.begin(host.counted, host.judged_by,
                shown_labels(*host.judged_by, host.scope.owner, host.labels));
  }
  table.count(host.counted, host.standings);
}

void Fleet::forget_compliance(Host& host) {
  ++scope_changes_;
  shard_of(host.record.id).compliance.forget(host.counted);
}

TimePoint Fleet::look_at_windows(Host& host, TimePoint now) {
  TimePoint changes_at = TimePoint::max();
  std::vector<uint32_t> open;
  for (const uint32_t window : host.scope.windows) {
    const policy::WindowState state = policy::state_at(host.judged_by->maintenance[window], now);
    if (state.is_open) open.push_back(window);
    changes_at = std::min(changes_at, state.changes_at);
  }
  if (open != host.open_windows) host.rendered.settled.reset();
  host.open_windows = std::move(open);
  return changes_at;
}

std::vector<GroupCounts> Fleet::compliance() const {
  std::vector<GroupCounts> groups;
  for (const std::unique_ptr<Shard>& shard : shards_) {
    const std::lock_guard guard(shard->mutex);
    shard->compliance.add_to(groups);
  }
  return groups;
}

std::vector<policy::EmptySelector> Fleet::selectors_without_hosts(const policy::Policy& policy,
                                                                  const Fleet* targets) const {
  // As many as are looked at while reports to their shard wait.
  constexpr size_t kAtOnce = 64;
  policy::SelectorUse use(policy);
  for (const Fleet* const entities : {this, targets}) {
    if (entities == nullptr) continue;
    entities->visit_hosts(
        kAtOnce, [&use](const Host& host) { use.add(policy::traits_of(host.view(), host.os)); });
  }
  return use.empty();
}

}  // namespace muster::collector
