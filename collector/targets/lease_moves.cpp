// LeaseBook: who is to look at what, and when that changes.
#include <algorithm>
#include <utility>

#include "collector/targets/lease_book.h"
#include "common/targets/look_grid.h"

namespace muster::collector {
namespace {

// Considered in one step: well under a millisecond or two.
constexpr size_t kStepTargets = 1000;
// A target that so many refuse is not for anybody.
constexpr size_t kMostRefusals = 8;
constexpr Duration kRetry = std::chrono::hours(1);
// Agents that have all they can take are asked again.
constexpr Duration kCrowded = std::chrono::minutes(1);
// By which agents begin late and end early.
constexpr Duration kOnTheWay = std::chrono::milliseconds(500);
// Of one assignment, beside its name and address.
constexpr size_t kAssignmentBytes = 64;

}  // namespace

void LeaseBook::begin(TimePoint now) {
  forget_gone(now);
  std::vector<Candidate> candidates;
  std::vector<uint32_t> places;
  // In the order of their ids, so that it does not matter who was known first.
  for (const auto& [host_id, place] : places_) {
    const LeaseAgent& agent = agents_[place];
    if (!is_alive(agent, now)) continue;
    candidates.push_back({.hash = agent.hash, .weight = agent.looker.weight, .site = agent.site});
    places.push_back(place);
  }
  if (candidates != candidates_ || places != candidate_places_) {
    candidates_ = std::move(candidates);
    candidate_places_ = std::move(places);
    ++ranking_;
    due_ = now;
  }
  if (now >= retry_at_) {
    retrying_ = retry_at_ != kNever;
    retry_at_ = now + kRetry;
    if (retrying_) due_ = now;
  }
  if (now < due_) return;
  cursor_ = 0;
  due_ = retry_at_;
}

bool LeaseBook::step(TimePoint now) {
  const size_t end = std::min(targets_.size(), cursor_ + kStepTargets);
  for (; cursor_ < end; ++cursor_)
    consider(targets_[cursor_], now);
  if (cursor_ < targets_.size()) return true;
  retrying_ = false;
  return false;
}

bool LeaseBook::is_granted(const LeaseHolder& holder) const {
  if (holder.agent == kNobody) return false;
  const LeaseAgent& agent = agents_[holder.agent];
  return holder.since_list <= agent.answered_list && holder.not_before < agent.granted_end;
}

bool LeaseBook::is_refused(const LeasedTarget& target, uint32_t agent) const {
  return std::find(target.refused_by.begin(), target.refused_by.end(), agent) !=
         target.refused_by.end();
}

void LeaseBook::refuse(uint32_t agent, const v1::SyncRequest& request) {
  // Of another list nobody knows what was refused.
  if (request.assignments_sha256() != agents_[agent].digest) return;
  for (const std::string& name : request.refused_targets()) {
    LeasedTarget* target = find(name);
    if (target == nullptr || target->holder.agent != agent) continue;
    if (is_refused(*target, agent) || target->refused_by.size() >= kMostRefusals) continue;
    target->refused_by.push_back(agent);
    target->ranking = 0;
    queue(*target, name);
    due_ = kNever;
  }
}

bool LeaseBook::is_full(const LeaseAgent& agent) const {
  return agent.targets >= options_.most_targets || agent.list_bytes >= options_.most_list_bytes;
}

uint32_t LeaseBook::choose_agent(LeasedTarget& target) {
  if (target.ranking == ranking_) return target.chosen;
  bool crowded = false;
  const auto refused = [this, &target](size_t number) {
    return !target.refused_by.empty() && is_refused(target, candidate_places_[number]);
  };
  const auto full = [this, &target, &crowded](size_t number) {
    const uint32_t place = candidate_places_[number];
    const bool is = place != target.holder.agent && is_full(agents_[place]);
    crowded = crowded || is;
    return is;
  };
  const std::optional<size_t> number = choose(target.hash, target.site, candidates_, refused, full);
  target.chosen = number ? candidate_places_[*number] : kNobody;
  // Where somebody was full, it is asked again.
  target.ranking = crowded ? 0 : ranking_;
  return target.chosen;
}

void LeaseBook::consider(LeasedTarget& target, TimePoint now) {
  if (target.former.runs && target.former.clear <= now) end_former(target);
  if (target.former.runs) due_ = std::min(due_, target.former.clear);
  if (retrying_ && is_refused(target, target.holder.agent)) {
    target.refused_by = {target.holder.agent};
    target.ranking = 0;
    queue(target, target.listed->first);
  }
  const uint32_t agent = choose_agent(target);
  if (target.ranking == 0) due_ = std::min(due_, now + kCrowded);
  if (agent == kNobody || agent == target.holder.agent) return;
  // One move at a time: it is on its way to a holder that may know of it.
  if (is_granted(target.holder) && target.former.runs) return;
  // What would be moved for nothing but a better share waits for a store that takes it.
  if (!store_error_.empty() && target.holder.agent != kNobody &&
      is_alive(agents_[target.holder.agent], now)) {
    due_ = std::min(due_, now + kCrowded);
    return;
  }
  give(target, agent, now);
}

void LeaseBook::give(LeasedTarget& target, uint32_t agent, TimePoint now) {
  count_out(target);
  if (target.holder.agent != kNobody) agents_[target.holder.agent].stale = true;
  queue(target, target.listed->first);
  const bool is_granted_now = is_granted(target.holder);
  if (!is_granted_now && target.former.agent == agent && target.former.runs) {
    // Back to the one that it was to leave, before another could know of it.
    LeaseAgent& former = agents_[agent];
    former.granted_end = std::max(former.granted_end, target.former.ends);
    former.clear = std::max(former.clear, target.former.clear);
    former.stale = true;
    target.holder = {.agent = agent, .not_before = target.former.not_before, .since_list = 0};
    target.former = {};
    count_in(target);
    return;
  }
  if (is_granted_now) {
    const LeaseAgent& last = agents_[target.holder.agent];
    const TimePoint ends = handover(target, last, now);
    target.former = {.agent = target.holder.agent,
                     .not_before = target.holder.not_before,
                     .ends = ends,
                     .clear = std::max(last.clear, ends + lease_margin(ends - now)),
                     .runs = true,
                     .listed = true};
    ++moves_;
  }
  target.holder = {.agent = agent,
                   .not_before = std::max({now, target.former.clear, nothing_before_})};
  count_in(target);
  if (target.former.runs) due_ = std::min(due_, target.former.clear);
}

void LeaseBook::end_former(LeasedTarget& target) {
  target.former.runs = target.former.listed = false;
  agents_[target.former.agent].stale = true;
  queue(target, target.listed->first);
}

TimePoint LeaseBook::handover(const LeasedTarget& target, const LeaseAgent& agent,
                              TimePoint now) const {
  const TimePoint end = agent.granted_end;
  if (!is_alive(agent, now)) return end;
  const auto& [name, listed] = *target.listed;
  const LookGrid grid(name, listed.interval);
  const auto begin = [this, &grid](int64_t look) { return grid.begin(look) - wall_offset_; };
  const Duration look = listed.timeout + kOnTheWay;
  const Duration gap = agent.clear - end + kOnTheWay;
  // The first look that begins after the end.
  const int64_t next = grid.first_from(end + wall_offset_);
  TimePoint wanted = std::max(end, begin(next - 1) + look);
  if (wanted + gap > begin(next)) wanted = begin(next) + look;
  if (wanted + gap > begin(next + 1)) return end;
  // Never to a time at which the store would not know that it was granted.
  return wanted <= horizon_ ? wanted : end;
}

void LeaseBook::count_in(LeasedTarget& target) {
  if (target.holder.agent == kNobody) return;
  LeaseAgent& agent = agents_[target.holder.agent];
  ++agent.targets;
  agent.list_bytes +=
      kAssignmentBytes + target.listed->first.size() + target.listed->second.address.size();
}

void LeaseBook::count_out(LeasedTarget& target) {
  if (target.holder.agent == kNobody) return;
  LeaseAgent& agent = agents_[target.holder.agent];
  --agent.targets;
  agent.list_bytes -=
      kAssignmentBytes + target.listed->first.size() + target.listed->second.address.size();
}

}  // namespace muster::collector
