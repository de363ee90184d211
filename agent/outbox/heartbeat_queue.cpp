#include "agent/outbox/heartbeat_queue.h"

#include <utility>

namespace muster::agent {

void HeartbeatQueue::add(const VersionKey& key) {
  const auto [known, is_new] = place_of_.try_emplace(&key, last_place_ + 1);
  if (is_new) {
    places_[++last_place_] = {.key = &key};
  } else {
    places_[known->second].seen_again = true;
  }
}

void HeartbeatQueue::remove(const VersionKey& key) {
  const auto known = place_of_.find(&key);
  if (known == place_of_.end()) return;
  places_.erase(known->second);
  place_of_.erase(known);
}

bool HeartbeatQueue::offer(const std::function<Taken(const VersionKey&)>& take) {
  // What an earlier report carried without an answer is due as before.
  carried_.clear();
  for (auto due = places_.begin(); due != places_.end();) {
    const Taken taken = take(*due->second.key);
    if (taken == Taken::kNoRoom) return false;
    if (taken == Taken::kNotNeeded) {
      place_of_.erase(due->second.key);
      due = places_.erase(due);
      continue;
    }
    due->second.seen_again = false;
    carried_.push_back(due->first);
    ++due;
  }
  return true;
}

bool HeartbeatQueue::answered() {
  bool any = false;
  for (const uint64_t place : std::exchange(carried_, {})) {
    const auto done = places_.find(place);
    if (done == places_.end()) continue;
    any = true;
    const VersionKey& key = *done->second.key;
    const bool is_due_again = done->second.seen_again;
    remove(key);
    if (is_due_again) add(key);
  }
  return any;
}

}  // namespace muster::agent
