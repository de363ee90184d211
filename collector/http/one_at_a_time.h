// Work of a kind that takes long, one piece after the other: however much of it is asked for, it
// has one thread of a pool, and the others are left for everything else. Any thread.
#pragma once

#include <deque>
#include <functional>
#include <mutex>

#include "collector/http/work_pool.h"

namespace muster::collector::http {

class OneAtATime {
 public:
  // `pool` may be made later; its threads end before this goes. At most so many pieces wait.
  OneAtATime(WorkPool& pool, size_t most_waiting) : pool_(pool), most_waiting_(most_waiting) {}

  // False if too much waits: `work` is not called then. In the order in which it came.
  bool post(std::function<void()> work);

 private:
  void run();
  bool take_turn();

  WorkPool& pool_;
  const size_t most_waiting_;
  std::mutex mutex_;
  // Guarded by mutex_.
  std::deque<std::function<void()>> waiting_;
  bool under_way_ = false;
};

}  // namespace muster::collector::http
