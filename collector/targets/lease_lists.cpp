// LeaseBook: what agents are told, and what the store is.
#include <algorithm>
#include <utility>

#include "collector/targets/lease_book.h"
#include "common/digest.h"
#include "common/targets/target_kinds.h"
#include "common/timestamp.h"

namespace muster::collector {
namespace {

// Of one transaction: some ten milliseconds of the store's thread.
constexpr size_t kWriteTargets = 1000;
// How far the store is ahead of what is granted.
constexpr Duration kAhead = std::chrono::minutes(1);

// What two looks at a target that is looked at once a day are apart at least, of its interval: a
// point of its grid that is nearer is left out.
Duration spacing_of(Duration interval) {
  return interval - interval / 16;
}

uint32_t milliseconds_of(Duration duration) {
  return static_cast<uint32_t>(
      std::chrono::duration_cast<std::chrono::milliseconds>(duration).count());
}

}  // namespace

void LeaseBook::set_wall_offset(Duration offset) {
  wall_offset_ = offset;
  for (LeaseAgent& agent : agents_)
    agent.stale = true;
}

bool LeaseBook::make_list() {
  const auto stale = std::find_if(agents_.begin(), agents_.end(),
                                  [](const LeaseAgent& agent) { return agent.stale; });
  if (stale == agents_.end()) return false;
  make_list(static_cast<uint32_t>(stale - agents_.begin()));
  return true;
}

void LeaseBook::make_list(uint32_t place) {
  LeaseAgent& agent = agents_[place];
  ++agent.list_number;
  v1::AssignmentList list;
  for (LeasedTarget& target : targets_) {
    if (target.former.agent == place && target.former.listed) {
      *add_to(list, target, target.former.not_before)->mutable_valid_until() =
          to_proto(target.former.ends + wall_offset_);
    }
    if (target.holder.agent == place && target.holder.stored) {
      add_to(list, target, target.holder.not_before);
      target.holder.since_list = std::min(target.holder.since_list, agent.list_number);
    }
  }
  agent.list = list.SerializeAsString();
  agent.digest = agent.list.empty() ? "" : sha256(agent.list);
  agent.stale = false;
}

v1::Assignment* LeaseBook::add_to(v1::AssignmentList& list, const LeasedTarget& target,
                                  TimePoint not_before) const {
  const auto& [name, listed] = *target.listed;
  v1::Assignment* assignment = list.add_assignments();
  assignment->set_target(name);
  const TargetKind* kind = find_target_kind(listed.kind);
  assignment->set_probe(std::string(kind == nullptr ? listed.kind : kind->probe));
  assignment->set_address(listed.address);
  *assignment->mutable_not_before() = to_proto(not_before + wall_offset_);
  assignment->set_interval_milliseconds(milliseconds_of(listed.interval));
  assignment->set_timeout_milliseconds(milliseconds_of(listed.timeout));
  if (kind != nullptr && kind->of_a_domain) space(name, listed, *assignment);
  return assignment;
}

void LeaseBook::space(const std::string& name, const Target& listed,
                      v1::Assignment& assignment) const {
  const auto last = last_looks_.find(name);
  if (last == last_looks_.end()) {
    assignment.set_look_soon(true);
    return;
  }
  if (!find_target_kind(listed.kind)->once_a_day) return;
  const TimePoint next = last->second + spacing_of(listed.interval);
  if (next > from_proto(assignment.not_before())) {
    *assignment.mutable_not_before() = to_proto(next);
  }
}

void LeaseBook::set_last_look(std::string_view target, TimePoint at) {
  const auto [last, is_first] = last_looks_.try_emplace(std::string(target), at);
  if (!is_first && at <= last->second) return;
  last->second = at;
  const LeasedTarget* const leased = find(target);
  if (leased == nullptr || leased->holder.agent == kNobody) return;
  const TargetKind* const kind = find_target_kind(leased->listed->second.kind);
  if (is_first || (kind != nullptr && kind->once_a_day)) agents_[leased->holder.agent].stale = true;
}

LeaseWrite LeaseBook::next_write(const LeaseClock& clock) {
  writing_ = {};
  const TimePoint now = clock.now();
  const bool anybody = std::any_of(agents_.begin(), agents_.end(),
                                   [](const LeaseAgent& agent) { return agent.eligible; });
  const Duration lease = std::max(options_.lease, asked_);
  for (; !queue_.empty() && writing_.targets.size() < kWriteTargets; queue_.pop_front()) {
    const std::string& name = queue_.front();
    if (LeasedTarget* target = find(name)) {
      if (!std::exchange(target->queued, false)) continue;
      writing_.targets.push_back(record_of(name, *target, std::nullopt));
    } else if (const auto gone = gone_.find(name); gone != gone_.end()) {
      gone->second.state.queued = false;
      writing_.targets.push_back(record_of(name, gone->second.state, gone->second.holder_ends));
    } else {
      writing_.targets.push_back({.target = name, .holders = {}});
    }
  }
  const bool wanted =
      anybody && !targets_.empty() && now >= nothing_before_ && horizon_ < now + lease + kAhead / 2;
  if (wanted && (restored_ || queue_.empty())) {
    writing_.horizon = clock.horizon(std::max(horizon_, now + lease + kAhead));
  }
  return writing_;
}

TargetLeaseRecord LeaseBook::record_of(const std::string& name, const LeasedTarget& target,
                                       std::optional<TimePoint> holder_ends) const {
  TargetLeaseRecord record{.target = name, .holders = {}};
  const FormerHolder& former = target.former;
  const LeaseHolder& holder = target.holder;
  if (former.runs && former.agent != holder.agent) {
    record.holders.push_back({.host_id = agents_[former.agent].looker.host_id,
                              .not_before = former.not_before,
                              .ends = former.ends});
  }
  if (holder.agent != kNobody) {
    record.holders.push_back({.host_id = agents_[holder.agent].looker.host_id,
                              .not_before = holder.not_before,
                              .ends = holder_ends});
  }
  for (const uint32_t agent : target.refused_by)
    record.refused_by.push_back(agents_[agent].looker.host_id);
  return record;
}

void LeaseBook::written(const absl::Status& status) {
  store_error_ = status.ok() ? "" : std::string(status.message());
  LeaseWrite write = std::exchange(writing_, {});
  if (status.ok() && write.horizon) {
    horizon_ = write.horizon->ends;
    asked_ = Duration();
    restored_ = true;
  }
  for (const TargetLeaseRecord& record : write.targets) {
    if (status.ok()) {
      stored(record);
    } else if (LeasedTarget* target = find(record.target)) {
      queue(*target, record.target);
    } else {
      queue_.push_back(record.target);
    }
  }
}

void LeaseBook::stored(const TargetLeaseRecord& record) {
  LeasedTarget* target = find(record.target);
  if (target == nullptr || record.holders.empty()) return;
  LeaseHolder& holder = target->holder;
  const HolderRecord& held = record.holders.back();
  // It may have changed meanwhile, and then waits to be written again.
  if (holder.agent == kNobody || holder.stored || held.ends.has_value() ||
      held.not_before != holder.not_before ||
      held.host_id != agents_[holder.agent].looker.host_id) {
    return;
  }
  holder.stored = true;
  agents_[holder.agent].stale = true;
}

}  // namespace muster::collector
