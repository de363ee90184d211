// One change of a host's identity at a time: what asks, judges by what the host is, commits and
// then makes it so, must not meet another that judged by the same. Whoever changes an identity (a
// renewal, an operator's revocation) takes its turn here. Any thread.
#pragma once

#include <absl/status/status.h>

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace muster::collector {

class HostTurns {
 public:
  // Held while it is somebody's turn; the last copy that goes lets the next one begin, on its
  // thread. Shared, because it travels through std::function, which must be copyable.
  using Turn = std::shared_ptr<void>;
  using Work = std::function<void(Turn)>;

  // `most_waiting` of one host, besides the one whose turn it is.
  explicit HostTurns(size_t most_waiting = 8) : most_waiting_(most_waiting) {}

  // Calls `work` when nobody has the host's turn: now, or later on the thread of who has it.
  // Unavailable, and `work` is not called: too many wait. The object outlives every turn.
  absl::Status take(const std::string& host_id, Work work);

 private:
  Turn make_turn(const std::string& host_id);
  void end(const std::string& host_id);

  const size_t most_waiting_;
  std::mutex mutex_;
  // By host id, those whose turn somebody has, with who waits. Guarded by mutex_, a leaf.
  std::map<std::string, std::deque<Work>> waiting_;
};

}  // namespace muster::collector
