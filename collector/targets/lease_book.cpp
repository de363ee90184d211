#include "collector/targets/lease_book.h"

#include <algorithm>
#include <utility>

#include "common/digest.h"

namespace muster::collector {
namespace {

// Of the two hosts' clocks, and of the way from a look to its report.
constexpr Duration kReportSlack = std::chrono::seconds(5);

// The one who goes before the one who stays.
std::vector<HolderRecord> in_their_order(std::vector<HolderRecord> holders) {
  std::sort(holders.begin(), holders.end(), [](const HolderRecord& one, const HolderRecord& other) {
    return one.ends.value_or(TimePoint::max()) < other.ends.value_or(TimePoint::max());
  });
  return holders;
}

}  // namespace

void LeaseBook::restore(const StoredLeases& leases, bool clock_goes_on) {
  if (!leases.horizon) return;
  const Duration margin = lease_margin(leases.horizon->ends - leases.horizon->set_at);
  horizon_ = leases.horizon->ends;
  granted_before_ = horizon_;
  clear_before_ = horizon_ + margin;
  if (leases.horizon->boot_id == kRestoredBoot) nothing_before_ = clear_before_;
  for (const TargetLeaseRecord& record : leases.targets) {
    GoneTarget gone;
    for (const HolderRecord& holder : in_their_order(record.holders)) {
      const uint32_t place = place_of(holder.host_id);
      LeaseAgent& agent = agents_[place];
      // It may have been answered until the collector stopped.
      agent.heard_until = horizon_;
      LeaseHolder& held = gone.state.holder;
      if (held.agent != kNobody) {
        const TimePoint ends = gone.holder_ends.value_or(horizon_);
        // An end that is a later moment now must not be told again: the next holder counts from
        // when it was told. So nothing is left of it but that others wait for it, and the store
        // has that before it has this clock.
        const TimePoint not_before = clock_goes_on ? held.not_before : ends;
        gone.state.former = {.agent = held.agent,
                             .not_before = not_before,
                             .ends = ends,
                             .clear = ends + margin,
                             .runs = true,
                             .listed = not_before < ends};
        if (!clock_goes_on) queue(gone.state, record.target);
      }
      held = {.agent = place, .not_before = holder.not_before, .since_list = 0, .stored = true};
      gone.holder_ends = holder.ends;
      gone.clear = std::max(gone.clear, holder.ends.value_or(horizon_) + margin);
    }
    for (const std::string& host_id : record.refused_by)
      gone.state.refused_by.push_back(place_of(host_id));
    gone_.emplace(record.target, std::move(gone));
  }
  restored_ = queue_.empty();
}

void LeaseBook::set_lookers(std::vector<Looker> lookers) {
  for (LeaseAgent& agent : agents_)
    agent.eligible = false;
  for (Looker& looker : lookers) {
    LeaseAgent& agent = agents_[place_of(looker.host_id)];
    agent.site = looker.site.empty() ? 0 : site_of(looker.site);
    agent.looker = std::move(looker);
    agent.eligible = true;
  }
  lookers_known_ = true;
}

uint32_t LeaseBook::place_of(const std::string& host_id) {
  const auto [known, added] = places_.emplace(host_id, static_cast<uint32_t>(agents_.size()));
  if (added) {
    LeaseAgent& agent = agents_.emplace_back();
    agent.looker.host_id = agent.looker.host = host_id;
    agent.hash = rendezvous_hash(host_id);
    agent.granted_end = granted_before_;
    agent.clear = clear_before_;
  }
  return known->second;
}

uint32_t LeaseBook::find_agent(std::string_view host_id) const {
  const auto known = places_.find(host_id);
  return known == places_.end() ? kNobody : known->second;
}

uint32_t LeaseBook::site_of(const std::string& name) {
  return sites_.emplace(name, static_cast<uint32_t>(sites_.size() + 1)).first->second;
}

bool LeaseBook::is_alive(const LeaseAgent& agent, TimePoint now) const {
  return agent.eligible && now < agent.heard_until;
}

std::vector<std::string> LeaseBook::hosts() const {
  std::vector<std::string> hosts;
  for (const LeaseAgent& agent : agents_)
    hosts.push_back(agent.looker.host_id);
  return hosts;
}

std::optional<LeaseBook::Answer> LeaseBook::answer(std::string_view host_id,
                                                   const v1::SyncRequest& request, Duration lease,
                                                   TimePoint now) {
  const uint32_t place = find_agent(host_id);
  if (place == kNobody) return std::nullopt;
  LeaseAgent& agent = agents_[place];
  // Before it is known what there is to look at, and who may, everything stays as it is.
  if (table_ == nullptr || !lookers_known_) {
    return Answer{.digest = request.assignments_sha256(), .list = nullptr, .valid_until = now};
  }
  if (request.refused_targets_size() > 0) refuse(place, request);
  if (agent.stale) make_list(place);
  if (!agent.eligible && agent.list.empty()) return std::nullopt;
  // Its list is on the way: it need not wait for as long as usual.
  const bool is_new = agent.eligible && !is_alive(agent, now);
  if (agent.eligible) {
    asked_ = std::max(asked_, lease);
    agent.lease = lease;
    // What the agent knows was known for this long at most when it ends.
    const TimePoint end = std::min(now + lease, horizon_);
    agent.granted_end = std::max(agent.granted_end, end);
    agent.clear = std::max(agent.clear, end + lease_margin(lease));
    agent.heard_until = std::max({agent.heard_until, agent.granted_end, now + lease});
  }
  agent.answered_list = agent.list_number;
  const bool has_it = request.assignments_sha256() == agent.digest;
  return Answer{.digest = agent.digest,
                .list = has_it ? nullptr : &agent.list,
                .valid_until = std::max(agent.granted_end, now),
                .is_new = is_new};
}

bool LeaseBook::may_report(std::string_view host_id, std::string_view name, TimePoint observed_at,
                           TimePoint now) const {
  const uint32_t place = find_agent(host_id);
  const LeasedTarget* target = find(name);
  if (table_ == nullptr) {
    // As it was when the collector stopped.
    const auto known = gone_.find(name);
    if (known != gone_.end()) target = &known->second.state;
  }
  if (place == kNobody || target == nullptr) return false;
  const LeaseHolder& holder = target->holder;
  if (holder.agent == place && is_granted(holder)) {
    if (now >= holder.not_before && now < agents_[place].granted_end) return true;
    if (observed_at >= holder.not_before - kReportSlack &&
        observed_at < agents_[place].granted_end + kReportSlack) {
      return true;
    }
  }
  const FormerHolder& former = target->former;
  return former.agent == place && observed_at >= former.not_before - kReportSlack &&
         observed_at < former.ends + kReportSlack;
}

}  // namespace muster::collector
