#include "collector/http/connection_places.h"

namespace muster::collector::http {

ConnectionPlaces::ConnectionPlaces(size_t total, size_t per_address)
    : total_(total), per_address_(per_address) {}

size_t ConnectionPlaces::greatest(const Side& side) {
  return side.by_count.empty() ? 0 : side.by_count.rbegin()->first;
}

void ConnectionPlaces::change(Side& side, const std::string& block,
                              const std::function<void(Holder&)>& how) {
  Holder& holder = side.holders[block];
  side.by_count.erase({holder.count(), block});
  how(holder);
  if (holder.count() == 0) {
    side.holders.erase(block);
  } else {
    side.by_count.insert({holder.count(), block});
  }
}

ConnectionPlaces::Id ConnectionPlaces::longest_waiting(const Side& side, const std::string& block) {
  const Holder& holder = side.holders.at(block);
  return holder.waiting.empty() ? nullptr : holder.waiting.begin()->second;
}

// nullptr if nobody would still hold at least as many as the newcomer, who `holds` others.
ConnectionPlaces::Id ConnectionPlaces::choose_of_greediest(bool for_loopback, size_t holds) const {
  const bool takes_loopback = for_loopback && greatest(loopback_) >= greatest(others_);
  const Side& side = takes_loopback ? loopback_ : others_;
  if (greatest(side) <= holds + 1) return nullptr;
  const std::string& block = side.by_count.rbegin()->second;
  const Id waiting = longest_waiting(side, block);
  return waiting != nullptr ? waiting : side.holders.at(block).proven.rbegin()->second;
}

ConnectionPlaces::Entry ConnectionPlaces::enter(Id id, const std::string& block,
                                                bool from_loopback) {
  Side& side = from_loopback ? loopback_ : others_;
  const auto holder = side.holders.find(block);
  const size_t holds = holder == side.holders.end() ? 0 : holder->second.count();
  Entry entry;
  if (holds >= per_address_) {
    entry.displaced = longest_waiting(side, block);
    if (entry.displaced == nullptr) return {.refused = Refused::kAddressShare};
  } else if (members_.size() >= total_ - (from_loopback ? 0 : total_ / 16)) {
    entry.displaced = choose_of_greediest(from_loopback, holds);
    if (entry.displaced == nullptr && holds > 0) {
      entry.displaced = longest_waiting(side, block);
    }
    if (entry.displaced == nullptr) return {.refused = Refused::kConnections};
  }
  leave(entry.displaced);
  const uint64_t arrival = ++arrivals_;
  change(side, block, [&](Holder& at) { at.waiting.emplace(arrival, id); });
  members_[id] = {.block = block, .from_loopback = from_loopback, .arrival = arrival};
  return entry;
}

void ConnectionPlaces::proved(Id id) {
  const auto member = members_.find(id);
  if (member == members_.end()) return;
  Side& side = member->second.from_loopback ? loopback_ : others_;
  Holder& holder = side.holders.at(member->second.block);
  if (holder.waiting.erase(member->second.arrival) > 0) {
    holder.proven.emplace(member->second.arrival, id);
  }
}

void ConnectionPlaces::leave(Id id) {
  const auto member = members_.find(id);
  if (member == members_.end()) return;
  Side& side = member->second.from_loopback ? loopback_ : others_;
  const uint64_t arrival = member->second.arrival;
  change(side, member->second.block, [arrival](Holder& at) {
    at.waiting.erase(arrival);
    at.proven.erase(arrival);
  });
  members_.erase(member);
}

}  // namespace muster::collector::http
