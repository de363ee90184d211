#include "collector/fleet/fleet.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <utility>

#include "collector/fleet/fleet_host.h"
#include "collector/fleet/known_facts.h"
#include "common/text.h"
#include "common/timestamp.h"

namespace muster::collector {
namespace {

std::vector<const v1::SectionVersion*> versions_of_host(const v1::SyncRequest& request) {
  std::vector<const v1::SectionVersion*> versions;
  for (const v1::SectionVersion& version : request.versions()) {
    if (version.entity().empty()) versions.push_back(&version);
  }
  return versions;
}

SyncPlan make_plan(const HostRecord& host, PlannedVersions versions, uint64_t epoch,
                   TimePoint now) {
  SyncPlan plan;
  // A later epoch is held from its first commit on.
  plan.write.epoch = versions.changed.empty() ? host.epoch : epoch;
  plan.write.host_id = host.id;
  plan.write.synced_at = now;
  plan.write.sections = std::move(versions.changed);
  plan.response.mutable_committed()->Assign(versions.committed.begin(), versions.committed.end());
  plan.response.mutable_wanted()->Assign(versions.wanted.begin(), versions.wanted.end());
  *plan.response.mutable_server_time() = to_proto(now);
  // Not of an epoch before what it answers: the agent would not take what is wanted in it.
  plan.response.set_epoch(std::max(host.epoch, epoch));
  plan.response.set_host(host.name);
  return plan;
}

}  // namespace

Fleet::Fleet(const Clock& clock, Store& store, std::shared_ptr<const policy::Policy> policy,
             size_t series_budget)
    : Fleet(clock, std::move(policy),
            {.series_budget = series_budget,
             .save_memory = [&store](const std::string& id, const policy::FirstSeen& memory,
                                     Store::Done done) {
               store.put_first_seen(id, memory, std::move(done));
             }}) {}

Fleet::Fleet(const Clock& clock, std::shared_ptr<const policy::Policy> policy, FleetOptions options)
    : clock_(clock),
      options_(std::move(options)),
      policy_in_force_(std::make_shared<const PolicyInForce>(nullptr, std::move(policy))) {
  for (std::unique_ptr<Shard>& shard : shards_)
    shard = std::make_unique<Shard>();
}

Fleet::~Fleet() = default;

Fleet::Shard& Fleet::shard_of(std::string_view host_id) const {
  return *shards_[std::hash<std::string_view>()(host_id) % kShards];
}

std::vector<std::string> Fleet::ids_by_name() const {
  const std::lock_guard guard(names_mutex_);
  std::vector<std::string> ids;
  ids.reserve(names_.size());
  for (const auto& [name, host] : names_)
    ids.push_back(host.id);
  return ids;
}

void Fleet::load(std::vector<StoredHost> hosts) {
  for (StoredHost& stored : hosts)
    load_one(std::move(stored), std::nullopt, "");
}

void Fleet::load_one(StoredHost stored, std::optional<Target> target, std::string reporter) {
  std::string id = stored.host.id;
  const std::string name = stored.host.name;
  size_t slot = 0;
  {
    Shard& shard = shard_of(id);
    const std::lock_guard guard(shard.mutex);
    const auto [entry, is_new] = shard.hosts.try_emplace(id);
    Host& host = entry->second;
    if (is_new) {
      host.slot = take_slot();
    } else {
      count_standing(host, -1);
      host.rendered = {};
    }
    slot = host.slot;
    host.record = std::move(stored.host);
    host.target = std::move(target);
    host.reporter = std::move(reporter);
    relabel(host);
    count_standing(host, 1);
    host.first_seen = std::move(stored.first_seen);
    for (SectionRecord& section : stored.sections)
      host.sections.put(std::move(section));
    for (const SectionState& section : host.sections.states())
      host.note_facts(section);
    judge(host, clock_.now(), {});
  }
  const std::lock_guard guard(names_mutex_);
  names_[name] = {.id = std::move(id), .slot = slot};
}

void Fleet::add_host(HostRecord host) {
  StoredHost stored;
  stored.host = std::move(host);
  std::vector<StoredHost> hosts;
  hosts.push_back(std::move(stored));
  load(std::move(hosts));
}

std::optional<std::string> Fleet::id_of(std::string_view name) const {
  const std::lock_guard guard(names_mutex_);
  const auto entry = names_.find(name);
  if (entry == names_.end()) return std::nullopt;
  return entry->second.id;
}

absl::StatusOr<SyncPlan> Fleet::plan_sync(std::string_view host_id,
                                          const v1::SyncRequest& request) {
  const TimePoint now = clock_.now();
  const TimeShift shift(now, from_proto(request.sent_at()));
  const std::vector<const v1::SectionVersion*> reported = versions_of_host(request);
  absl::StatusOr<SyncPlan> plan;
  const bool found =
      with_host(host_id, [&plan, &request, &reported, &shift, now](const Host& host) {
        absl::StatusOr<PlannedVersions> versions =
            plan_versions({.sections = host.sections,
                           .epoch = host.record.epoch,
                           .most_sections = kMostSections,
                           .most_facts_bytes = kMostFactsBytes},
                          {.entity = "", .epoch = request.epoch(), .versions = reported}, shift);
        if (versions.ok()) {
          plan = make_plan(host.record, *std::move(versions), request.epoch(), now);
          plan->write.clock_offset_seconds = shift.offset_seconds();
        } else {
          plan = versions.status();
        }
      });
  if (!found) {
    return absl::NotFoundError(
        fmt::format("no host has the id {}: it was removed, or its certificate is of another "
                    "collector. Enrol it anew with `muster-agent enroll`",
                    printable(host_id, 64)));
  }
  return plan;
}

void Fleet::apply_sync(SyncPlan plan, const v1::SyncRequest& request) {
  const TimePoint now = plan.write.synced_at;
  const TimeShift shift(now, from_proto(request.sent_at()));
  const bool has_news = !plan.write.sections.empty();
  const std::vector<const v1::SectionVersion*> reported = versions_of_host(request);
  Shard& shard = shard_of(plan.write.host_id);
  const std::lock_guard guard(shard.mutex);
  const auto entry = shard.hosts.find(plan.write.host_id);
  if (entry == shard.hosts.end()) return;
  Host& host = entry->second;

  if (has_news && plan.write.epoch > host.record.epoch) {
    host.record.epoch = plan.write.epoch;
    host.sections.reset_sequences();
  }
  const std::vector<size_t> replaced =
      put_sections(host, plan.write.epoch, std::move(plan.write.sections));
  if (request.epoch() == host.record.epoch) {
    apply_heartbeats(host.sections, {.entity = "", .epoch = request.epoch(), .versions = reported},
                     shift);
  }

  host.record.clock_offset_seconds = shift.offset_seconds();
  host.record.last_sync_at = std::max(host.record.last_sync_at.value_or(TimePoint()), now);
  if (host.trust_bundle_sha256 != request.trust_bundle_sha256()) {
    count_standing(host, -1);
    host.trust_bundle_sha256 = request.trust_bundle_sha256();
    count_standing(host, 1);
  }
  if (has_news) host.rendered.settled.reset();
  note_report(shard, host, now, replaced);
}

void Fleet::note_report(Shard& shard, Host& host, TimePoint now, std::span<const size_t> replaced) {
  host.rendered.moving.reset();
  if (!host.times_are_dirty) shard.dirty_times.push_back(host.record.id);
  host.times_are_dirty = true;
  // A heartbeat can only make verdicts better, and only where they lacked fresh facts or a report;
  // those that hold until a time are looked at again then.
  if (replaced.empty() && host.reporting && !host.awaits_heartbeat) return;
  std::vector<std::string_view> changed;
  for (const size_t index : replaced)
    changed.push_back(host.sections.state(index).probe);
  judge(host, now, changed);
}

std::vector<size_t> Fleet::put_sections(Host& host, uint64_t epoch,
                                        std::vector<SectionRecord> sections) {
  std::vector<size_t> replaced;
  if (epoch != host.record.epoch) return replaced;
  for (SectionRecord& section : sections) {
    size_t index = host.sections.find(section.state.entity, section.state.probe);
    if (index != SectionTable::kNone && host.sections.sequence(index) > section.sequence) continue;
    if (index == SectionTable::kNone) index = host.sections.size();
    host.sections.put(std::move(section));
    host.note_facts(host.sections.state(index));
    replaced.push_back(index);
  }
  return replaced;
}

std::vector<SyncWrite> Fleet::take_dirty_times() {
  std::vector<SyncWrite> writes;
  for (const std::unique_ptr<Shard>& shard : shards_) {
    const std::lock_guard guard(shard->mutex);
    for (const std::string& id : shard->dirty_times) {
      Host& host = shard->hosts.find(id)->second;
      host.times_are_dirty = false;
      writes.push_back(host.times());
    }
    shard->dirty_times.clear();
  }
  return writes;
}

Fleet::Counts Fleet::counts() const {
  const std::lock_guard guard(names_mutex_);
  return {.hosts = names_.size(),
          .reporting = reporting_count_,
          .quarantined = quarantined_count_,
          .revoked = revoked_count_,
          .listed = listed_count_};
}

}  // namespace muster::collector
