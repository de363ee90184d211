#include "collector/identity/host_turns.h"

#include <utility>

namespace muster::collector {

absl::Status HostTurns::take(const std::string& host_id, Work work) {
  {
    const std::lock_guard guard(mutex_);
    const auto [queue, is_first] = waiting_.try_emplace(host_id);
    if (!is_first) {
      if (queue->second.size() >= most_waiting_) {
        return absl::UnavailableError(
            "the identity of this host is being changed by others already; try again");
      }
      queue->second.push_back(std::move(work));
      return absl::OkStatus();
    }
  }
  work(make_turn(host_id));
  return absl::OkStatus();
}

HostTurns::Turn HostTurns::make_turn(const std::string& host_id) {
  return {nullptr, [this, host_id](void*) { end(host_id); }};
}

void HostTurns::end(const std::string& host_id) {
  Work next;
  {
    const std::lock_guard guard(mutex_);
    const auto queue = waiting_.find(host_id);
    if (queue->second.empty()) {
      waiting_.erase(queue);
      return;
    }
    next = std::move(queue->second.front());
    queue->second.pop_front();
  }
  next(make_turn(host_id));
}

}  // namespace muster::collector
