// LeaseBook: the list of targets changes.
#include <algorithm>
#include <utility>

#include "collector/targets/lease_book.h"

namespace muster::collector {
namespace {

const std::string& name_of(const LeasedTarget& target) {
  return target.listed->first;
}

bool is_before(const LeasedTarget& target, std::string_view name) {
  return name_of(target) < name;
}

// Whether agents have to be told.
bool looks_alike(const Target& one, const Target& other) {
  return one.kind == other.kind && one.address == other.address && one.interval == other.interval &&
         one.timeout == other.timeout;
}

}  // namespace

LeasedTarget* LeaseBook::find(std::string_view name) {
  const auto found = std::lower_bound(targets_.begin(), targets_.end(), name, is_before);
  return found == targets_.end() || name_of(*found) != name ? nullptr : &*found;
}

const LeasedTarget* LeaseBook::find(std::string_view name) const {
  const auto found = std::lower_bound(targets_.begin(), targets_.end(), name, is_before);
  return found == targets_.end() || name_of(*found) != name ? nullptr : &*found;
}

void LeaseBook::set_targets(std::shared_ptr<const TargetTable> table, TimePoint now) {
  std::vector<LeasedTarget> before = std::exchange(targets_, {});
  // Kept until nothing points into it.
  const std::shared_ptr<const TargetTable> old_table = std::exchange(table_, std::move(table));
  targets_.reserve(table_->targets().size());
  auto old = before.begin();
  for (const TargetTable::Targets::value_type& listed : table_->targets()) {
    for (; old != before.end() && name_of(*old) < listed.first; ++old)
      take_off(*old, now);
    if (old != before.end() && name_of(*old) == listed.first) {
      targets_.push_back(std::move(*old++));
      take_up(targets_.back(), listed);
      continue;
    }
    const auto gone = gone_.find(listed.first);
    if (gone == gone_.end()) {
      list(targets_.emplace_back(), listed);
      continue;
    }
    const bool was_taken = gone->second.holder_ends.has_value();
    LeasedTarget& target = targets_.emplace_back(std::move(gone->second.state));
    gone_.erase(gone);
    list(target, listed);
    if (target.holder.agent == kNobody) continue;
    // The holder goes on. That it does so without an end has to be in the store first.
    agents_[target.holder.agent].stale = true;
    target.holder.stored = !was_taken;
    if (was_taken) queue(target, listed.first);
  }
  for (; old != before.end(); ++old)
    take_off(*old, now);
  std::erase_if(last_looks_, [this](const auto& last) { return find(last.first) == nullptr; });
  forget_gone(now);
  cursor_ = 0;
  due_ = now;
}

void LeaseBook::list(LeasedTarget& target, const TargetTable::Targets::value_type& listed) {
  target.listed = &listed;
  target.hash = rendezvous_hash(listed.first);
  const auto label = listed.second.labels.find(options_.site_label);
  const uint32_t site = label == listed.second.labels.end() ? 0 : site_of(label->second);
  if (std::exchange(target.site, site) != site) target.ranking = 0;
  count_in(target);
}

void LeaseBook::take_up(LeasedTarget& target, const TargetTable::Targets::value_type& listed) {
  const Target& before = target.listed->second;
  if (!looks_alike(before, listed.second)) {
    // What it refused was another target.
    if (before.kind != listed.second.kind || before.address != listed.second.address) {
      if (!target.refused_by.empty()) queue(target, listed.first);
      target.refused_by.clear();
      target.ranking = 0;
      last_looks_.erase(listed.first);
    }
    for (const uint32_t place : {target.holder.agent, target.former.agent}) {
      if (place != kNobody) agents_[place].stale = true;
    }
  }
  count_out(target);
  list(target, listed);
}

void LeaseBook::take_off(LeasedTarget& target, TimePoint now) {
  count_out(target);
  GoneTarget gone;
  if (target.former.agent != kNobody) {
    agents_[target.former.agent].stale = true;
    target.former.listed = false;
    gone.clear = target.former.clear;
  }
  if (target.holder.agent != kNobody) {
    LeaseAgent& agent = agents_[target.holder.agent];
    agent.stale = true;
    if (is_granted(target.holder)) {
      gone.holder_ends = agent.granted_end;
      gone.clear = std::max(gone.clear, agent.clear);
    } else {
      target.holder = {};
    }
  }
  const std::string& name = name_of(target);
  target.refused_by.clear();
  target.ranking = 0;
  target.queued = false;
  queue(target, name);
  gone.state = std::move(target);
  gone.state.listed = nullptr;
  if (gone.clear > now) gone_.insert_or_assign(name, std::move(gone));
}

void LeaseBook::forget_gone(TimePoint now) {
  // Which are listed is not known before there is a list.
  if (table_ == nullptr) return;
  for (auto gone = gone_.begin(); gone != gone_.end();) {
    if (gone->second.clear <= now) {
      queue_.push_back(gone->first);
      gone = gone_.erase(gone);
    } else {
      ++gone;
    }
  }
}

void LeaseBook::queue(LeasedTarget& target, const std::string& name) {
  if (std::exchange(target.queued, true)) return;
  queue_.push_back(name);
}

}  // namespace muster::collector
