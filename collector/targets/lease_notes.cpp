// LeaseBook: who looks at a target now, and if nobody does, why.
#include <fmt/format.h>

#include <algorithm>

#include "collector/targets/lease_book.h"
#include "common/text.h"
#include "common/timestamp.h"

namespace muster::collector {
namespace {

constexpr size_t kShownAgents = 3;

}  // namespace

uint32_t LeaseBook::looks_now(const LeasedTarget& target, TimePoint now) const {
  const FormerHolder& former = target.former;
  if (former.listed && now < former.ends) return former.agent;
  const LeaseHolder& holder = target.holder;
  if (!is_granted(holder) || now < holder.not_before) return kNobody;
  return now < agents_[holder.agent].granted_end ? holder.agent : kNobody;
}

std::optional<TargetHolder> LeaseBook::holder_of(std::string_view name, TimePoint now) const {
  const LeasedTarget* target = find(name);
  const uint32_t place = target == nullptr ? kNobody : looks_now(*target, now);
  if (place == kNobody) return std::nullopt;
  const Looker& looker = agents_[place].looker;
  return TargetHolder{.host_id = looker.host_id, .host = looker.host};
}

TargetLeases::Counts LeaseBook::counts(TimePoint now) const {
  TargetLeases::Counts counts;
  counts.targets = targets_.size();
  counts.held = static_cast<size_t>(std::count_if(
      targets_.begin(), targets_.end(),
      [this, now](const LeasedTarget& target) { return looks_now(target, now) != kNobody; }));
  counts.moves = moves_;
  counts.configured_lease = options_.lease;
  counts.lease = options_.lease;
  for (const LeaseAgent& agent : agents_) {
    if (!is_alive(agent, now)) continue;
    ++counts.agents;
    counts.lease = std::max({counts.lease, agent.lease, Duration(agent.granted_end - now)});
  }
  return counts;
}

std::string LeaseBook::note_of(std::string_view name, TimePoint now) const {
  const LeasedTarget* target = find(name);
  if (target == nullptr || looks_now(*target, now) != kNobody) return "";
  std::vector<std::string> lookers;
  bool anybody_alive = false;
  for (const LeaseAgent& agent : agents_) {
    if (agent.eligible) lookers.push_back(agent.looker.host);
    anybody_alive = anybody_alive || is_alive(agent, now);
  }
  std::sort(lookers.begin(), lookers.end());
  if (options_.agents.empty()) {
    return "no agent may look at targets: collector.yml says no labels in targets.agents";
  }
  if (lookers.empty()) {
    return fmt::format("no agent may look at it: no host has the labels {}", options_.agents);
  }
  if (!anybody_alive) {
    return fmt::format("no agent that may look at it reports: {} with the labels {} {} silent",
                       join_some(lookers, kShownAgents), options_.agents,
                       lookers.size() == 1 ? "is" : "are");
  }
  return note_of_holder(*target, now);
}

std::string LeaseBook::note_of_holder(const LeasedTarget& target, TimePoint now) const {
  const LeaseHolder& holder = target.holder;
  if (holder.agent == kNobody) {
    return fmt::format(
        "no agent takes it: each that may look has {} targets, or {} bytes of them, which is the "
        "most; give more hosts the labels {}",
        options_.most_targets, options_.most_list_bytes, options_.agents);
  }
  const std::string& host = agents_[holder.agent].looker.host;
  if (!holder.stored && !store_error_.empty()) {
    return fmt::format("{} cannot begin before the store has it: {}", host, store_error_);
  }
  if (now < holder.not_before) {
    const std::string begins = to_iso8601(holder.not_before + wall_offset_);
    if (target.former.agent == kNobody) {
      return fmt::format("{} begins at {}, when leases from before the collector was {} have ended",
                         host, begins, now < nothing_before_ ? "restored" : "started");
    }
    return fmt::format("{} begins at {}, when the lease of {} has ended for certain", host, begins,
                       agents_[target.former.agent].looker.host);
  }
  if (!is_granted(holder)) return fmt::format("{} begins with its next report", host);
  return fmt::format("the lease of {}, which no other agent can take over, ended at {}", host,
                     to_iso8601(agents_[holder.agent].granted_end + wall_offset_));
}

}  // namespace muster::collector
