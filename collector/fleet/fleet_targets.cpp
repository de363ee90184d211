// What of a fleet is of targets alone: who is told of them, and what reports say of them.
#include <algorithm>
#include <utility>

#include "collector/fleet/fleet.h"
#include "collector/fleet/fleet_host.h"

namespace muster::collector {
namespace {

constexpr size_t kVisitedAtOnce = 64;

bool has_labels(const Labels& labels,
                const std::map<std::string, std::vector<std::string>>& wanted) {
  return std::all_of(wanted.begin(), wanted.end(), [&labels](const auto& one) {
    const auto label = labels.find(one.first);
    return label != labels.end() &&
           std::find(one.second.begin(), one.second.end(), label->second) != one.second.end();
  });
}

TimePoint latest_look(const std::vector<SectionState>& sections) {
  TimePoint latest;
  for (const SectionState& section : sections)
    latest = std::max(latest, section.looked_at);
  return latest;
}

}  // namespace

std::vector<LabelledHost> Fleet::hosts_with(
    const std::map<std::string, std::vector<std::string>>& labels) const {
  std::vector<LabelledHost> hosts;
  if (labels.empty()) return hosts;
  visit_hosts(kVisitedAtOnce, [&hosts, &labels](const Host& host) {
    if (host.record.identity.standing != Standing::kActive) return;
    if (!has_labels(host.labels, labels)) return;
    hosts.push_back(
        {.id = host.record.id, .name = host.record.name, .labels = host.labels, .own_targets = {}});
  });
  return hosts;
}

std::optional<LabelledHost> Fleet::own_targets_of(std::string_view host_id) const {
  std::optional<LabelledHost> found;
  with_host(host_id, [&found](const Host& host) { found = labelled(host); });
  return found;
}

std::vector<LabelledHost> Fleet::own_targets() const {
  std::vector<LabelledHost> hosts;
  visit_hosts(kVisitedAtOnce, [&hosts](const Host& host) {
    if (!host.own_targets.empty()) hosts.push_back(labelled(host));
  });
  return hosts;
}

LabelledHost Fleet::labelled(const Host& host) {
  return {.id = host.record.id,
          .name = host.record.name,
          .labels = host.labels,
          .own_targets = host.own_targets};
}

void Fleet::put_target(const std::string& id, Target target, StoredTarget stored) {
  std::string before;
  const bool is_there = with_host(id, [this, &before, &target](Host& host) {
    before = host.record.name;
    // What it was seen at was another place, or another kind of place.
    if (host.target->kind != target.kind || host.target->address != target.address) {
      host.sections = {};
      host.record.last_sync_at.reset();
      host.first_seen.clear();
      host.standings.clear();
      host.traits_changed = true;
    }
    host.target = target;
    host.record.labels = target.labels;
    relabel(host);
    host.silent_after = silence_of(target);
    judge_relabelled(host);
  });
  if (is_there) {
    if (before != target.name) rename_host(id, target.name);
    return;
  }
  StoredHost entity;
  entity.host.id = id;
  entity.host.name = target.name;
  entity.host.labels = target.labels;
  entity.host.enrolled_at = clock_.now();
  entity.host.last_sync_at = stored.looked_at;
  entity.host.epoch = stored.epoch;
  entity.first_seen = std::move(stored.first_seen);
  for (SectionRecord& section : stored.sections) {
    section.state.entity = target.name;
    entity.sections.push_back(std::move(section));
  }
  load_one(std::move(entity), std::move(target), std::move(stored.reporter));
}

void Fleet::set_holders(const std::function<std::string(const std::string& id)>& name_of) {
  visit_hosts(kVisitedAtOnce, [&name_of](Host& host) {
    std::string holder = name_of(host.record.id);
    if (holder == host.holder) return;
    host.holder = std::move(holder);
    host.rendered.settled.reset();
  });
}

absl::StatusOr<TargetWrite> Fleet::plan_target(const std::string& host_id,
                                               const TargetReport& report, uint64_t epoch,
                                               const TimeShift& shift,
                                               v1::SyncResponse& response) const {
  const auto plan = [&](const Host& target) {
    const bool same_reporter = target.reporter == host_id;
    if (same_reporter) response.set_epoch(std::max(response.epoch(), target.record.epoch));
    return plan_versions({.sections = target.sections,
                          .epoch = target.record.epoch,
                          .same_reporter = same_reporter,
                          .most_sections = kMostTargetSections,
                          .most_facts_bytes = kMostTargetFactsBytes},
                         {.entity = target.entity(), .epoch = epoch, .versions = report.versions},
                         shift);
  };
  absl::StatusOr<PlannedVersions> planned;
  if (!with_host(report.id, [&](const Host& target) { planned = plan(target); })) {
    planned = plan(Host());
  }
  if (!planned.ok()) return planned.status();
  for (v1::CommittedSection& committed : planned->committed)
    *response.add_committed() = std::move(committed);
  for (v1::WantedSection& wanted : planned->wanted)
    *response.add_wanted() = std::move(wanted);
  TargetWrite write{
      .target_id = report.id, .reporter = host_id, .epoch = epoch, .looked_at = {}, .sections = {}};
  for (const SectionRecord& section : planned->changed)
    write.looked_at = std::max(write.looked_at, section.state.looked_at);
  write.sections = std::move(planned->changed);
  return write;
}

void Fleet::apply_target(const TargetReport& report, TargetWrite write, const TimeShift& shift) {
  Shard& shard = shard_of(report.id);
  const std::lock_guard guard(shard.mutex);
  const auto entry = shard.hosts.find(report.id);
  if (entry == shard.hosts.end()) return;
  Host& target = entry->second;
  const bool same_reporter = target.reporter == write.reporter;
  const bool has_news = !write.sections.empty();
  if (has_news && !same_reporter) {
    // Another host's report of a later look was planned and committed meanwhile.
    if (write.looked_at < latest_look(target.sections.states())) return;
    target.reporter = write.reporter;
  }
  if (has_news && (!same_reporter || write.epoch > target.record.epoch)) {
    target.record.epoch = write.epoch;
    target.sections.reset_sequences();
  }
  if (target.reporter != write.reporter || target.record.epoch != write.epoch) return;
  // It may have been put, or renamed, since it was planned.
  for (SectionRecord& section : write.sections)
    section.state.entity = target.entity();
  const std::vector<size_t> replaced = put_sections(target, write.epoch, std::move(write.sections));
  apply_heartbeats(target.sections,
                   {.entity = target.entity(), .epoch = write.epoch, .versions = report.versions},
                   shift);
  target.record.last_sync_at = latest_look(target.sections.states());
  if (!replaced.empty()) target.rendered.settled.reset();
  note_report(shard, target, clock_.now(), replaced);
}

}  // namespace muster::collector
