// The targets, judged: those that the site lists, and those that hosts look at because their own
// configuration says so. A fleet of its own beside that of the hosts, with what decides whose
// reports of a target are taken: a listed target's from the host that holds its lease, a host's own
// from that host.
//
// A host's own target is called "<host>/<name>", has the host's labels, is renamed with it and goes
// with it; its id is "<host id>/<name>", and on the wire its entity is "/<name>". Names of listed
// targets have no slash. Any thread.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "collector/fleet/fleet.h"
#include "collector/store/target_store.h"
#include "collector/targets/leases.h"
#include "collector/targets/target_table.h"

namespace muster::collector {

class TargetFleet {
 public:
  // All outlive it. Without leases nobody may report a listed target.
  TargetFleet(const Clock& clock, TargetStore& store, const Fleet& hosts,
              std::shared_ptr<const policy::Policy> policy, TargetLeases* leases = nullptr);

  // What the store had, before the first call of the next two.
  void load(std::vector<StoredTarget> targets);
  // Another table: adds, changes and removes what is other than in the last one. What is known of a
  // target that stays is kept, unless its kind or its address is another one.
  void set_targets(std::shared_ptr<const TargetTable> table);
  // Takes over the own targets of all hosts, and what they are called, where anything of hosts has
  // changed since the last call, and who holds what. Called every second.
  void look_at_hosts();
  // Once table and hosts are known: the rest of what was loaded is removed from the store.
  void forget_unlisted();

  // What a report says of targets, beside what `host` has planned of the same: its answer gets what
  // is committed, wanted and refused. The plan refers to the request.
  TargetsPlan plan_sync(const v1::SyncRequest& request, SyncPlan& host) const;
  // After the commit, and after the hosts' own apply_sync.
  void apply_sync(TargetsPlan plan, const v1::SyncRequest& request);

  // As those of Store, for what a heartbeat moved.
  std::vector<TargetWrite> take_dirty_times();

  // By name, with who looks at each, or why nobody does.
  v1::TargetList list() const;
  absl::StatusOr<v1::TargetDetail> detail(std::string_view name) const;

  // Targets in the place of hosts.
  Fleet& entities() { return targets_; }
  const Fleet& entities() const { return targets_; }
  std::shared_ptr<const TargetTable> table() const;

 private:
  // Whether the version is taken of that host; `own`: entities of its own targets.
  bool may_report(const std::string& host_id, const v1::SectionVersion& version,
                  const std::set<std::string>& own, const TimeShift& shift) const;
  // As the host has them, or as this plan changes them.
  std::set<std::string> own_entities(const SyncPlan& host) const;
  // False: what it says is refused.
  bool plan_target(TargetReport report, const TimeShift& shift, v1::SyncResponse& response,
                   TargetsPlan& plan) const;
  void take_own(const LabelledHost& host);
  // Only those that are other than before.
  void put(const std::string& id, const Target& target);
  void remove(const std::vector<std::string>& ids);
  // Of a target of a domain, for who looks next.
  void note_look(const std::string& id, std::string_view kind, v1::Outcome outcome,
                 std::string_view reason, TimePoint at) const;
  void add_lease(v1::TargetSummary& summary) const;
  void look_at_holders();

  TargetStore& store_;
  const Fleet& hosts_;
  TargetLeases* const leases_;
  Fleet targets_;

  // Taken before a shard of either fleet.
  mutable std::mutex mutex_;
  // Guarded by mutex_.
  std::shared_ptr<const TargetTable> table_ = std::make_shared<const TargetTable>();
  // What is in the fleet, by id, as it was put there; listed ones and own ones.
  std::map<std::string, Target, std::less<>> put_;
  // Of what was loaded, what is not in the fleet yet.
  std::map<std::string, StoredTarget, std::less<>> stored_;

  // Of look_at_hosts, which one thread calls.
  std::optional<uint64_t> looked_at_scopes_;
  std::optional<uint64_t> looked_at_moves_;
  // A target came, of which nobody has told who looks at it.
  std::atomic<bool> has_newcomers_ = false;
};

}  // namespace muster::collector
