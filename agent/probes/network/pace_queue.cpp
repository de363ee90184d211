#include "agent/probes/network/pace_queue.h"

#include <algorithm>

namespace muster::network_probe {
namespace {

constexpr Duration kSecond = std::chrono::seconds(1);

}  // namespace

Duration PaceQueue::Rate::earliest() const {
  return taken_.size() < most_ ? Duration(0) : taken_.front() + kSecond;
}

void PaceQueue::Rate::take(Duration now) {
  if (taken_.size() == most_) taken_.pop_front();
  taken_.push_back(now);
}

Duration PaceQueue::turn_of(const PerAddress& address) {
  return std::max(address.rate.earliest(), address.queue.front().since);
}

void PaceQueue::add(Id id, const boost::asio::ip::address& address, Duration now) {
  waiting_.insert(id);
  PerAddress& entry = addresses_.try_emplace(address, pace_.per_address_per_second).first->second;
  entry.queue.push_back({id, now});
  if (entry.queue.size() == 1) turns_.emplace(turn_of(entry), address);
}

std::optional<PaceQueue::Id> PaceQueue::take(Duration now) {
  while (!turns_.empty() && under_way_ < pace_.at_once && all_.earliest() <= now &&
         turns_.begin()->first <= now) {
    const boost::asio::ip::address address = turns_.begin()->second;
    turns_.erase(turns_.begin());
    PerAddress& entry = addresses_.at(address);
    const Id id = entry.queue.front().id;
    entry.queue.pop_front();
    const bool still_waits = waiting_.erase(id) > 0;
    if (still_waits) {
      entry.rate.take(now);
      all_.take(now);
      ++under_way_;
    }
    if (!entry.queue.empty()) turns_.emplace(turn_of(entry), address);
    if (still_waits) return id;
  }
  return std::nullopt;
}

std::optional<Duration> PaceQueue::next_turn() const {
  if (turns_.empty() || under_way_ >= pace_.at_once) return std::nullopt;
  return std::max(turns_.begin()->first, all_.earliest());
}

}  // namespace muster::network_probe
