#include "collector/http/one_at_a_time.h"

#include <exception>
#include <utility>

namespace muster::collector::http {

bool OneAtATime::post(std::function<void()> work) {
  {
    const std::lock_guard lock(mutex_);
    if (waiting_.size() >= most_waiting_) return false;
    waiting_.push_back(std::move(work));
    if (std::exchange(under_way_, true)) return true;
  }
  if (pool_.post([this] { run(); })) return true;
  // The pool is full; what waits here goes, and whoever asked is told so by that.
  std::deque<std::function<void()>> dropped;
  const std::lock_guard lock(mutex_);
  dropped.swap(waiting_);
  under_way_ = false;
  return false;
}

void OneAtATime::run() {
  do {
    std::function<void()> work;
    {
      const std::lock_guard lock(mutex_);
      // There is one: whoever has the turn taken has put it there, or seen it.
      work = std::move(waiting_.front());
      waiting_.pop_front();
    }
    try {
      work();
    } catch (const std::exception&) {
      // Out of memory: `work` is destroyed, which answers 503.
    }
    // Behind whatever else waits for a thread, where there is room to wait.
  } while (take_turn() && !pool_.post([this] { run(); }));
}

bool OneAtATime::take_turn() {
  const std::lock_guard lock(mutex_);
  under_way_ = !waiting_.empty();
  return under_way_;
}

}  // namespace muster::collector::http
