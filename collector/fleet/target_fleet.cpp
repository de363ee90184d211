#include "collector/fleet/target_fleet.h"

#include <algorithm>
#include <utility>

#include "collector/fleet/known_facts.h"
#include "collector/fleet/sync_rules.h"
#include "common/exposition/target_families.h"
#include "common/log.h"
#include "common/targets/target_kinds.h"
#include "common/timestamp.h"

namespace muster::collector {
namespace {

constexpr char kOwn = '/';
// How reasons begin of probes that asked about a domain (agent/probes/domain/README.md).
constexpr std::string_view kRateLimited = "rate-limited: ";
constexpr std::string_view kLookFailed = "failed: ";

bool is_own(std::string_view entity) {
  return entity.starts_with(kOwn);
}

// As the fleet knows it.
std::string id_of(const std::string& host_id, std::string_view entity) {
  return is_own(entity) ? host_id + std::string(entity) : std::string(entity);
}

// What the report changes of what the agent says of itself; null: nothing.
const SectionRecord* agent_section(const SyncWrite& write) {
  for (const SectionRecord& section : write.sections) {
    if (section.state.probe == "agent") return &section;
  }
  return nullptr;
}

// Whether somebody was asked. A target that the agent refuses, or that nobody could look at, was
// not looked at, however often that is told.
bool is_look(v1::Outcome outcome, std::string_view reason) {
  return outcome != v1::OUTCOME_FAILED || reason.starts_with(kRateLimited) ||
         reason.starts_with(kLookFailed);
}

// By entity, those of one in their order.
std::vector<const v1::SectionVersion*> versions_of_targets(const v1::SyncRequest& request) {
  std::vector<const v1::SectionVersion*> versions;
  for (const v1::SectionVersion& version : request.versions()) {
    if (!version.entity().empty()) versions.push_back(&version);
  }
  std::stable_sort(versions.begin(), versions.end(),
                   [](const auto* a, const auto* b) { return a->entity() < b->entity(); });
  return versions;
}

void refuse(std::span<const v1::SectionVersion* const> versions, v1::SyncResponse& response) {
  for (const v1::SectionVersion* const version : versions) {
    v1::RefusedSection& section = *response.add_refused();
    section.set_entity(version->entity());
    section.set_probe(version->probe());
    section.set_sequence(version->sequence());
  }
}

}  // namespace

TargetFleet::TargetFleet(const Clock& clock, TargetStore& store, const Fleet& hosts,
                         std::shared_ptr<const policy::Policy> policy, TargetLeases* leases)
    : store_(store),
      hosts_(hosts),
      leases_(leases),
      targets_(clock, std::move(policy),
               {.series_budget = exposition::kUsualSeriesBudget,
                .families = &exposition::kTargetFamilySet,
                .save_memory = [&store](const std::string& id, const policy::FirstSeen& memory,
                                        Store::Done done) {
                  store.put_target_first_seen(id, memory, std::move(done));
                }}) {}

void TargetFleet::load(std::vector<StoredTarget> targets) {
  const std::lock_guard guard(mutex_);
  for (StoredTarget& target : targets) {
    std::string id = target.id;
    stored_.emplace(std::move(id), std::move(target));
  }
}

void TargetFleet::set_targets(std::shared_ptr<const TargetTable> table) {
  const std::lock_guard guard(mutex_);
  std::vector<std::string> gone;
  for (const auto& [name, target] : table_->targets()) {
    if (table->find(name) == nullptr) gone.push_back(name);
  }
  table_ = std::move(table);
  for (const auto& [name, target] : table_->targets())
    put(name, target);
  remove(gone);
}

void TargetFleet::put(const std::string& id, const Target& target) {
  const auto [known, is_new] = put_.try_emplace(id, target);
  if (!is_new) {
    const Target before = std::exchange(known->second, target);
    if (before == target && before.place == target.place) return;
    // What was seen of it is of somewhere else.
    if (before.kind != target.kind || before.address != target.address) {
      store_.remove_targets({id}, [](const absl::Status&) {});
    }
  }
  StoredTarget stored;
  if (auto kept = stored_.extract(id); !kept.empty()) stored = std::move(kept.mapped());
  for (const SectionRecord& section : stored.sections)
    note_look(id, target.kind, section.state.outcome, section.state.reason,
              section.state.looked_at);
  targets_.put_target(id, target, std::move(stored));
  has_newcomers_ = true;
}

void TargetFleet::note_look(const std::string& id, std::string_view kind, v1::Outcome outcome,
                            std::string_view reason, TimePoint at) const {
  // Own ones are the host's to time.
  if (leases_ == nullptr || !is_of_a_domain(kind) || id.find(kOwn) != std::string::npos) return;
  if (is_look(outcome, reason)) leases_->set_last_look(id, at);
}

void TargetFleet::remove(const std::vector<std::string>& ids) {
  if (ids.empty()) return;
  for (const std::string& id : ids) {
    put_.erase(id);
    targets_.remove_host(id);
  }
  store_.remove_targets(ids, [](const absl::Status& status) {
    if (status.ok()) return;
    log_warning("cannot remove targets from the store; a restart does it again",
                {{"error", std::string(status.message())}});
  });
}

void TargetFleet::forget_unlisted() {
  const std::lock_guard guard(mutex_);
  std::vector<std::string> ids;
  for (const auto& [id, target] : std::exchange(stored_, {}))
    ids.push_back(id);
  remove(ids);
}

void TargetFleet::take_own(const LabelledHost& host) {
  std::set<std::string> ids;
  for (const Target& own : host.own_targets) {
    Target target = own;
    target.name = host.name + kOwn + own.name;
    target.labels = host.labels;
    put(*ids.insert(host.id + kOwn + own.name).first, target);
  }
  const std::string begin = host.id + kOwn;
  std::vector<std::string> gone;
  for (auto one = put_.lower_bound(begin); one != put_.end() && one->first.starts_with(begin);
       ++one) {
    if (!ids.contains(one->first)) gone.push_back(one->first);
  }
  remove(gone);
}

void TargetFleet::look_at_hosts() {
  const uint64_t scopes = hosts_.scope_changes();
  if (looked_at_scopes_ != scopes) {
    looked_at_scopes_ = scopes;
    const std::lock_guard guard(mutex_);
    std::vector<std::string> gone;
    for (const auto& [id, target] : put_) {
      const size_t slash = id.find(kOwn);
      if (slash != std::string::npos && !hosts_.known_as(id.substr(0, slash))) gone.push_back(id);
    }
    remove(gone);
    for (const LabelledHost& host : hosts_.own_targets())
      take_own(host);
    looked_at_moves_.reset();
  }
  look_at_holders();
}

void TargetFleet::look_at_holders() {
  const TargetLeases::Counts counts =
      leases_ == nullptr ? TargetLeases::Counts() : leases_->counts();
  // Each of them moves when somebody begins or ends to hold something.
  const uint64_t moves = counts.moves * 1'000'003 + counts.held * 1009 + counts.agents;
  if (looked_at_moves_ == moves && !has_newcomers_.exchange(false)) return;
  looked_at_moves_ = moves;
  targets_.set_holders([this](const std::string& id) {
    const size_t slash = id.find(kOwn);
    if (slash != std::string::npos) {
      const std::optional<KnownHost> host = hosts_.known_as(id.substr(0, slash));
      return host ? host->name : std::string();
    }
    const std::optional<TargetHolder> holder =
        leases_ == nullptr ? std::nullopt : leases_->holder_of(id);
    return holder ? holder->host : std::string();
  });
}

std::set<std::string> TargetFleet::own_entities(const SyncPlan& host) const {
  std::vector<Target> targets;
  if (const SectionRecord* const agent = agent_section(host.write)) {
    targets = parse_own_targets(agent->state);
  } else if (std::optional<LabelledHost> held = hosts_.own_targets_of(host.write.host_id)) {
    targets = std::move(held->own_targets);
  }
  std::set<std::string> entities;
  for (const Target& target : targets)
    entities.insert(kOwn + target.name);
  return entities;
}

bool TargetFleet::may_report(const std::string& host_id, const v1::SectionVersion& version,
                             const std::set<std::string>& own, const TimeShift& shift) const {
  if (is_own(version.entity())) return own.contains(version.entity());
  return leases_ != nullptr &&
         leases_->may_report(host_id, version.entity(),
                             shift.to_collector(from_proto(version.observed_at())));
}

TargetsPlan TargetFleet::plan_sync(const v1::SyncRequest& request, SyncPlan& host) const {
  TargetsPlan plan;
  plan.host_id = host.write.host_id;
  plan.epoch = request.epoch();
  plan.synced_at = host.write.synced_at;
  plan.tells_own_targets = agent_section(host.write) != nullptr;
  // Else the agent begins a new epoch, and sends it all again.
  if (host.response.epoch() > request.epoch()) return plan;
  std::vector<const v1::SectionVersion*> versions = versions_of_targets(request);
  if (versions.empty()) return plan;
  const TimeShift shift(plan.synced_at, from_proto(request.sent_at()));
  // Sorted by entity, so that own ones are the first.
  const std::set<std::string> own =
      is_own(versions.front()->entity()) ? own_entities(host) : std::set<std::string>();
  for (auto begin = versions.begin(); begin != versions.end();) {
    const std::string& entity = (*begin)->entity();
    const auto end = std::find_if(begin, versions.end(),
                                  [&entity](const auto* v) { return v->entity() != entity; });
    const auto refused = std::stable_partition(begin, end, [&](const auto* version) {
      return may_report(plan.host_id, *version, own, shift);
    });
    TargetReport report{.id = id_of(plan.host_id, entity), .versions = {begin, refused}};
    const bool is_taken =
        !report.versions.empty() && plan_target(std::move(report), shift, host.response, plan);
    refuse({is_taken ? refused : begin, end}, host.response);
    begin = end;
  }
  return plan;
}

bool TargetFleet::plan_target(TargetReport report, const TimeShift& shift,
                              v1::SyncResponse& response, TargetsPlan& plan) const {
  absl::StatusOr<TargetWrite> write =
      targets_.plan_target(plan.host_id, report, plan.epoch, shift, response);
  if (!write.ok()) return false;
  if (!write->sections.empty()) plan.writes.push_back(*std::move(write));
  plan.reports.push_back(std::move(report));
  return true;
}

void TargetFleet::apply_sync(TargetsPlan plan, const v1::SyncRequest& request) {
  if (plan.tells_own_targets) {
    const std::lock_guard guard(mutex_);
    if (const std::optional<LabelledHost> host = hosts_.own_targets_of(plan.host_id)) {
      take_own(*host);
    }
  }
  const TimeShift shift(plan.synced_at, from_proto(request.sent_at()));
  auto write = plan.writes.begin();
  for (const TargetReport& report : plan.reports) {
    for (const v1::SectionVersion* const version : report.versions) {
      note_look(report.id, version->probe(), version->outcome(), version->reason(),
                shift.to_collector(from_proto(version->observed_at())));
    }
    if (write != plan.writes.end() && write->target_id == report.id) {
      targets_.apply_target(report, std::move(*write++), shift);
      continue;
    }
    TargetWrite heartbeat;
    heartbeat.target_id = report.id;
    heartbeat.reporter = plan.host_id;
    heartbeat.epoch = plan.epoch;
    targets_.apply_target(report, std::move(heartbeat), shift);
  }
}

std::vector<TargetWrite> TargetFleet::take_dirty_times() {
  std::vector<TargetWrite> writes;
  for (SyncWrite& times : targets_.take_dirty_times()) {
    TargetWrite& write = writes.emplace_back();
    write.target_id = std::move(times.host_id);
    write.epoch = times.epoch;
    write.looked_at = times.synced_at;
    write.sections = std::move(times.sections);
  }
  return writes;
}

void TargetFleet::add_lease(v1::TargetSummary& summary) const {
  if (summary.name().find(kOwn) != std::string::npos) return;
  if (leases_ == nullptr) return;
  if (std::string note = leases_->note_of(summary.name()); !note.empty()) summary.set_note(note);
}

v1::TargetList TargetFleet::list() const {
  v1::TargetList list = targets_.list_targets();
  for (v1::TargetSummary& summary : *list.mutable_targets())
    add_lease(summary);
  if (leases_ == nullptr) return list;
  const TargetLeases::Counts counts = leases_->counts();
  const auto milliseconds = [](Duration duration) {
    return static_cast<uint32_t>(duration / std::chrono::milliseconds(1));
  };
  list.set_lease_milliseconds(milliseconds(counts.lease));
  list.set_configured_lease_milliseconds(milliseconds(counts.configured_lease));
  return list;
}

absl::StatusOr<v1::TargetDetail> TargetFleet::detail(std::string_view name) const {
  absl::StatusOr<v1::TargetDetail> detail = targets_.target_detail(name);
  if (detail.ok()) add_lease(*detail->mutable_summary());
  return detail;
}

std::shared_ptr<const TargetTable> TargetFleet::table() const {
  const std::lock_guard guard(mutex_);
  return table_;
}

}  // namespace muster::collector
