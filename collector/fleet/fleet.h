// The latest state of every host, in memory, with its verdicts and its rendered metrics. Loaded
// from the store at start, so that metrics are there before the first sync. Sharded by host id,
// each shard with its mutex; every method may be called from any thread and none blocks on I/O.
//
// Targets are another instance (target_fleet.h): what is said of hosts here holds for them too, but
// for identities and the inventory, which they have not.
#pragma once

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <array>
#include <atomic>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "collector/fleet/compliance_count.h"
#include "collector/fleet/fleet_records.h"
#include "collector/fleet/policy_preview.h"
#include "collector/inventory/inventory.h"
#include "collector/store/target_store.h"
#include "common/clock.h"
#include "common/exposition/joined_families.h"
#include "common/exposition/target_metrics.h"
#include "common/exposition/text_format.h"
#include "common/policy/evaluation.h"
#include "muster/v1/fleet.pb.h"
#include "muster/v1/reporting.pb.h"
#include "muster/v1/updates.pb.h"

namespace muster::collector {

class TimeShift;
struct EntityView;

class Fleet {
 public:
  // `clock` and `store` outlive the fleet. The policy is shared with evaluations under way when
  // set_policy replaces it. `series_budget`: what one host may have in /metrics.
  Fleet(const Clock& clock, Store& store, std::shared_ptr<const policy::Policy> policy,
        size_t series_budget = exposition::kUsualSeriesBudget);
  // Without a store of hosts: for targets.
  Fleet(const Clock& clock, std::shared_ptr<const policy::Policy> policy, FleetOptions options);

  ~Fleet();

  // Takes over what the store had, and judges it.
  void load(std::vector<StoredHost> hosts);
  void add_host(HostRecord host);

  // The id that a name belongs to, and whether a name is free.
  std::optional<std::string> id_of(std::string_view name) const;

  // Whether a report with a certificate of this generation is taken; it is remembered as seen then.
  // A host that is not there is left to plan_sync.
  Admission admit(std::string_view host_id, uint64_t generation);
  // Nothing if there is no such host.
  std::optional<IdentityRecord> identity_of(std::string_view host_id) const;
  // Nothing if there is no such host.
  std::optional<KnownHost> known_as(std::string_view host_id) const;
  // Whether a host that reports with a certificate of this generation should have another now, and
  // not at half its life: it is not its newest, or that is not of the CA with this fingerprint.
  bool should_renew(std::string_view host_id, uint64_t generation,
                    std::string_view ca_sha256) const;
  // The highest generation that reported since the start.
  uint64_t newest_seen(std::string_view host_id) const;

  // What the store has committed: a host that is not there, or is gone meanwhile, is no error.
  void set_identity(std::string_view host_id, IdentityRecord identity);
  void rename_host(std::string_view host_id, const std::string& name);
  void remove_host(std::string_view host_id);

  // Which versions of a request are new and must be committed, and the answer once they are. The
  // request has been checked against bounds. NotFound: no such host. InvalidArgument: together with
  // what is held it would be more than a host may hold.
  absl::StatusOr<SyncPlan> plan_sync(std::string_view host_id, const v1::SyncRequest& request);

  // Makes a plan the fleet's state (after its commit, if it had one to make) and judges the host
  // anew where facts changed.
  void apply_sync(SyncPlan plan, const v1::SyncRequest& request);

  // Judges again every host whose verdicts held only until now, and marks silent hosts. Returns
  // when it must be called next. Called by a timer.
  TimePoint rejudge_due();

  // Hands memories to the store that were to be saved later; for the end of the program.
  void save_memories(size_t most = std::numeric_limits<size_t>::max());

  // Replaces the policy and judges all hosts, on a few threads and a few hosts at a time; reports
  // go on meanwhile. Each host stands by the old one or by the new one, in everything.
  void set_policy(std::shared_ptr<const policy::Policy> policy);
  std::shared_ptr<const policy::Policy> policy() const;
  // What another policy would change, or the same at a later time (see policy_preview.h): all hosts
  // are judged by it, and nothing is kept.
  PolicyPreview preview(const policy::Policy& policy, std::optional<TimePoint> at = std::nullopt,
                        const policy::Policy* instead_of = nullptr) const;

  // Replaces the inventory: hosts that it gives other labels are judged anew.
  void set_inventory(std::shared_ptr<const Inventory> inventory);
  std::shared_ptr<const Inventory> inventory() const;
  InventoryGaps compare_with(const Inventory& inventory) const;

  // Of all hosts that are not revoked, by name.
  std::vector<HostTrust> host_trusts() const;
  // How many of them trust this bundle; counted as they come.
  size_t hosts_trusting(std::string_view bundle_sha256) const;

  // Hosts whose times moved since the last call, for Store::commit_times.
  std::vector<SyncWrite> take_dirty_times();

  // Hosts that have all of these labels, each with one of the values, and may report; none without
  // labels.
  std::vector<LabelledHost> hosts_with(
      const std::map<std::string, std::vector<std::string>>& labels) const;
  // Of one host, and of all that have some. Nothing if there is no such host.
  std::optional<LabelledHost> own_targets_of(std::string_view host_id) const;
  std::vector<LabelledHost> own_targets() const;

  // Of a fleet of targets. Adds one, with what the store had of it, or changes what is listed of
  // it.
  void put_target(const std::string& id, Target target, StoredTarget stored = {});
  // What is new of a target in the report of a host that may report it, also of one that is yet to
  // be put; lists go to the answer. InvalidArgument: it says more than may be held of one.
  absl::StatusOr<TargetWrite> plan_target(const std::string& host_id, const TargetReport& report,
                                          uint64_t epoch, const TimeShift& shift,
                                          v1::SyncResponse& response) const;
  // Makes it the target's state, after its commit if it had one to make.
  void apply_target(const TargetReport& report, TargetWrite write, const TimeShift& shift);
  // Who looks at each, as `name_of` says by its id; empty: nobody.
  void set_holders(const std::function<std::string(const std::string& id)>& name_of);
  v1::TargetList list_targets() const;
  absl::StatusOr<v1::TargetDetail> target_detail(std::string_view name) const;

  // Calls `use` with every host that is not revoked, or target, in the order of their names, while
  // its shard is held: for what goes through the facts of all.
  void visit_entities(const std::function<void(const EntityView&)>& use) const;

  // For the API, by name; hosts sorted by name.
  v1::HostList list_hosts() const;
  absl::StatusOr<v1::HostDetail> host_detail(std::string_view name) const;
  std::optional<v1::HostSummary> host_summary(std::string_view host_id) const;
  // What waits on one host (NotFound: no such name), and which update on how many.
  absl::StatusOr<v1::HostUpdates> host_updates(std::string_view name) const;
  v1::UpdateList list_updates() const;

  // The fleet's metrics, or one host's (NotFound: no such name), without `# EOF`: in pieces, as
  // they are now, or at once.
  exposition::JoinedFamilies join_metrics(exposition::Format format) const;
  std::string render_metrics(exposition::Format format) const;
  absl::StatusOr<std::string> render_host_metrics(std::string_view name,
                                                  exposition::Format format) const;

  using Counts = FleetCounts;
  Counts counts() const;
  // How hosts comply, by their labels; the same group may be there several times.
  std::vector<GroupCounts> compliance() const;
  // The selectors of a policy that select none of the hosts and should (see policy::SelectorUse).
  // All hosts are looked at, and targets where they are given.
  std::vector<policy::EmptySelector> selectors_without_hosts(const policy::Policy& policy,
                                                             const Fleet* targets = nullptr) const;
  // Another number whenever what selectors select may have changed.
  uint64_t scope_changes() const { return scope_changes_; }

  Renderings renderings() const;

 private:
  struct Host;
  struct Shard;
  struct PolicyInForce;
  static constexpr size_t kShards = 16;

  Shard& shard_of(std::string_view host_id) const;
  size_t take_slot();
  // Ids in the order of their names.
  std::vector<std::string> ids_by_name() const;
  // Calls `use` with the host and its shard's lock held; false if there is no such host.
  template <typename Use>
  bool with_host(std::string_view host_id, const Use& use) const;

  // Calls `visit` with every host, `at_once` of a shard while its lock is held.
  using Visit = std::function<void(Host&)>;
  void visit_hosts(size_t at_once, const Visit& visit) const;
  // The same on a few threads.
  void visit_hosts_in_parallel(size_t at_once, const Visit& visit) const;
  // Those of every `step`th shard.
  void visit_some_hosts(size_t first, size_t step, size_t at_once, const Visit& visit) const;
  std::shared_ptr<const PolicyInForce> policy_in_force() const;

  // Renders some hosts of a shard, those behind the id `after`, into the places of their slots, and
  // moves `after`; false when it was the last.
  bool render_some(Shard& shard, std::string& after,
                   std::vector<exposition::HostParts>& parts) const;

  // These want the shard's lock held.
  // Which places of the host's table they took.
  static std::vector<size_t> put_sections(Host& host, uint64_t epoch,
                                          std::vector<SectionRecord> sections);
  // After a report that was taken: what is shown and judged of it, and written later.
  void note_report(Shard& shard, Host& host, TimePoint now, std::span<const size_t> replaced);
  // `changed`: the probes whose sections were replaced since the host was last judged.
  void judge(Host& host, TimePoint now, std::span<const std::string_view> changed);
  // Sees to it that the host is judged by this policy, as it is now; whether it was not. What its
  // standings still say is kept.
  bool take_over(Host& host, const PolicyInForce& in_force);
  void look_at_silence(Host& host, TimePoint now);
  void set_due(Host& host, TimePoint due);
  // Puts the labels together anew; whether they are other ones than before.
  bool relabel(Host& host);
  void judge_relabelled(Host& host);
  // Counts the host as it was judged, or no more: before it goes, or is other than it was counted.
  void count_compliance(Host& host);
  void forget_compliance(Host& host);
  // Which maintenance windows are open; when that changes.
  static TimePoint look_at_windows(Host& host, TimePoint now);
  // Adds `number` to how many hosts stand, and trust the collector, as this one does.
  void count_standing(const Host& host, int number);
  void forget_counts(Host& host);
  void save_first_seen(const Host& host);
  // By one of the next calls of save_memories.
  void save_later(const Host& host);
  void summarize(const Host& host, v1::HostSummary& summary) const;
  static void summarize(const Host& host, v1::TargetSummary& summary);
  // What of labels and windows is shown.
  struct Shown;
  // Its owner and its windows.
  template <typename Summary>
  static void summarize_scope(const Host& host, Summary& summary);
  // Its verdicts, as they are now, and its sections.
  template <typename Detail>
  void fill_detail(const Host& host, Detail& detail) const;
  template <typename Detail>
  absl::StatusOr<Detail> detail_of(std::string_view name) const;
  absl::Status no_such_entity(std::string_view name) const;
  static LabelledHost labelled(const Host& host);
  void load_one(StoredHost stored, std::optional<Target> target, std::string reporter);
  // Renders what is not there; shared with scrapes under way when newer parts replace them.
  exposition::HostParts render(Host& host) const;
  exposition::HostMetricsInput metrics_input(const Host& host, const Shown& shown) const;
  static exposition::TargetMetricsInput target_metrics_input(const Host& host, const Shown& shown);

  const Clock& clock_;
  const FleetOptions options_;

  // Lock order: a shard's mutex, then one of those below or the store's queue; none of them is held
  // while a shard's is taken, and no two shards' at once.
  std::array<std::unique_ptr<Shard>, kShards> shards_;

  mutable std::mutex names_mutex_;
  struct Named {
    std::string id;
    size_t slot;
  };
  // By name, every host.
  std::map<std::string, Named, std::less<>> names_;
  // Of removed hosts, for the next ones.
  std::vector<size_t> free_slots_;

  mutable std::mutex policy_mutex_;
  std::shared_ptr<const PolicyInForce> policy_in_force_;

  mutable std::mutex inventory_mutex_;
  std::shared_ptr<const Inventory> inventory_ = std::make_shared<const Inventory>();

  std::mutex due_mutex_;
  // When which host's verdicts end by themselves.
  std::set<std::pair<TimePoint, std::string>> due_;

  // Hosts whose memory the store could not take, or is to take later. Shared with the
  // store's callbacks: those that are under way at the end may come when the fleet is gone.
  struct Unsaved {
    std::mutex mutex;
    std::set<std::string> hosts;
  };
  std::shared_ptr<Unsaved> unsaved_ = std::make_shared<Unsaved>();

  mutable std::mutex trust_mutex_;
  // Hosts that are not revoked, by the bundle that they trust.
  std::map<std::string, size_t, std::less<>> trusting_;

  // Of the next new host; see Host::slot.
  std::atomic<size_t> next_slot_ = 0;
  std::atomic<size_t> reporting_count_ = 0;
  std::atomic<size_t> quarantined_count_ = 0;
  std::atomic<size_t> revoked_count_ = 0;
  std::atomic<size_t> listed_count_ = 0;
  std::atomic<uint64_t> scope_changes_ = 0;
  mutable std::atomic<uint64_t> moving_renderings_ = 0;
  mutable std::atomic<uint64_t> settled_renderings_ = 0;
};

}  // namespace muster::collector
