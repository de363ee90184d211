// What the fleet holds of one host. Part of fleet*.cpp, of nobody else.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "collector/fleet/compliance.h"
#include "collector/fleet/fleet.h"
#include "collector/fleet/shown_labels.h"
#include "collector/fleet/sync_rules.h"
#include "common/policy/policy_change.h"

namespace muster::collector {

// Judging that many takes a millisecond or so, for which a report to one of their shard waits.
inline constexpr size_t kJudgedAtOnce = 4;

// How long nobody may look at a target before its last look counts no more: so long that one look
// may be missed, and the next host take it over meanwhile.
inline Duration silence_of(const Target& target) {
  return 3 * target.interval + std::chrono::minutes(2);
}

// The policy that hosts are judged by from now on. Does not change once it is made.
struct Fleet::PolicyInForce {
  // `before`: null where there was none.
  PolicyInForce(const std::shared_ptr<const policy::Policy>& before,
                std::shared_ptr<const policy::Policy> now);
  // What standings by that policy are worth; null: nothing.
  const policy::PolicyChange* change_from(const std::shared_ptr<const policy::Policy>& other) const;

  const std::shared_ptr<const policy::Policy> policy;
  // Of hosts that are about to be judged by it for the first time, and of those whose labels, name
  // or operating system are others.
  const std::optional<policy::PolicyChange> from_before;
  const policy::PolicyChange from_itself;
};

// Guarded by its shard's mutex.
struct Fleet::Host {
  HostRecord record;
  // What is listed of it, where it is a target; last_sync_at is then when it was last looked at,
  // and the epoch that of `reporter`, the id of the host whose versions its sections are.
  std::optional<Target> target;
  std::string reporter;
  // Name of the host that looks at it; empty: none does.
  std::string holder;
  // The record's, which are its token's, and over them the inventory's.
  Labels labels;
  // It is in the inventory.
  bool listed = false;
  // Hosts are counted as they come: its place where something is collected of all of them.
  size_t slot = 0;
  // The highest generation that reported since the start.
  uint64_t newest_seen = 0;
  SectionTable sections;
  policy::FirstSeen first_seen;

  // What judging gave, and its place in the fleet's due_.
  std::vector<policy::Standing> standings;
  // Shared, because set_policy may have replaced it since.
  std::shared_ptr<const policy::Policy> judged_by;
  // Of that policy, for the host's name, labels and operating system.
  policy::HostScope scope;
  // These are not what they were when it was judged.
  bool traits_changed = false;
  // For how long it may say nothing, by what is required of it.
  Duration silent_after{0};
  // Of its windows, those that are open.
  std::vector<uint32_t> open_windows;
  // Where it counts in its shard's compliance: by its labels and that policy.
  ComplianceTable::Counted counted;
  // A report may tell what is not known, whatever is in it.
  bool awaits_heartbeat = false;
  bool reporting = false;
  TimePoint due = TimePoint::max();

  // Out of the facts, for the list of hosts.
  policy::HostOs os;
  std::string os_pretty_name;
  std::string agent_version;
  // Those that its agent looks at because its own configuration says so.
  std::vector<Target> own_targets;

  // Null: it must be rendered anew. A report without news drops only the first.
  exposition::HostParts rendered;
  // What the host trusts the collector by, of its last report.
  std::string trust_bundle_sha256;
  // It is in its shard's dirty_times.
  bool times_are_dirty = false;

  policy::HostView view() const;
  // As in the sections' entity.
  std::string_view entity() const { return target ? std::string_view(record.name) : ""; }
  // When it counts as silent, if it ever reported.
  TimePoint silent_at() const;
  // Takes over what the list of hosts shows of the section's facts.
  void note_facts(const SectionState& section);
  // For Store::commit_times.
  SyncWrite times() const;
};

struct Fleet::Shard {
  std::mutex mutex;
  // By id.
  std::map<std::string, Host, std::less<>> hosts;
  // Ids of hosts whose times moved since they were last written.
  std::vector<std::string> dirty_times;
  ComplianceTable compliance;
};

struct Fleet::Shown {
  // Refers to the host and its policy.
  explicit Shown(const Host& host);
  std::vector<exposition::Label> labels;
  std::vector<std::string_view> windows;
};

template <typename Summary>
void Fleet::summarize_scope(const Host& host, Summary& summary) {
  if (host.judged_by == nullptr) return;
  const policy::Policy& policy = *host.judged_by;
  const std::string_view team = owner_of(policy, host.scope.owner, host.labels);
  if (!team.empty()) summary.mutable_owner()->set_team(std::string(team));
  // Also where the team comes from a label: the policy tells how to reach it.
  for (const policy::Owner& owner : policy.owners) {
    if (team.empty() || owner.team != team) continue;
    summary.mutable_owner()->set_contact(owner.contact);
    summary.mutable_owner()->set_escalation(owner.escalation);
    break;
  }
  for (const uint32_t window : host.open_windows)
    summary.add_maintenance(policy.maintenance[window].name);
}

template <typename Use>
bool Fleet::with_host(std::string_view host_id, const Use& use) const {
  Shard& shard = shard_of(host_id);
  const std::lock_guard guard(shard.mutex);
  const auto host = shard.hosts.find(host_id);
  if (host == shard.hosts.end()) return false;
  use(host->second);
  return true;
}

}  // namespace muster::collector
