#include "agent/probes/network/pace_queue.h"

#include <algorithm>

namespace muster::network_probe {
namespace {

constexpr Duration kSecond = std::chrono::seconds(1);

}  // namespace

Duration PaceQueue::Rate::earliest() const {
  return taken_.size() < most_ ? Duration(0) : taken_[oldest_] + kSecond;
}

void PaceQueue::Rate::take(Duration now) {
  if (taken_.size() < most_) {
    taken_.push_back(now);
    return;
  }
  taken_[oldest_] = now;
  oldest_ = (oldest_ + 1) % most_;
}

Duration PaceQueue::turn_of(const PerAddress& address) {
  return std::max({address.rate.earliest(), address.queue.front().since, address.not_before});
}

void PaceQueue::add(Id id, const boost::asio::ip::address& address, Duration now) {
  waiting_.insert(id);
  PerAddress& entry = addresses_.try_emplace(address, pace_.per_address_per_second).first->second;
  entry.queue.push_back({id, now});
  if (entry.queue.size() == 1) turns_.emplace(turn_of(entry), address);
}

bool PaceQueue::share(const boost::asio::ip::address& address, PerAddress& entry, Duration now) {
  if (pace_.shared == nullptr) return true;
  const auto wait =
      pace_.shared->take(address, pace_.per_second, pace_.per_address_per_second, now);
  if (wait) (wait->for_address ? entry.not_before : not_before_) = wait->until;
  return !wait.has_value();
}

std::optional<PaceQueue::Id> PaceQueue::take(Duration now) {
  while (!turns_.empty() && under_way_ < pace_.at_once &&
         std::max(all_.earliest(), not_before_) <= now && turns_.begin()->first <= now) {
    const boost::asio::ip::address address = turns_.begin()->second;
    turns_.erase(turns_.begin());
    PerAddress& entry = addresses_.at(address);
    const Id id = entry.queue.front().id;
    const bool still_waits = waiting_.contains(id);
    if (still_waits && !share(address, entry, now)) {
      turns_.emplace(turn_of(entry), address);
      continue;
    }
    entry.queue.pop_front();
    waiting_.erase(id);
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
  return std::max({turns_.begin()->first, all_.earliest(), not_before_});
}

}  // namespace muster::network_probe
