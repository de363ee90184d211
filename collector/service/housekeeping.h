// The collector's one thread for what is due by itself: a task every second, and tasks that others
// hand over because theirs must not block. Any thread may call; the owner starts and stops it.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace muster::collector {

class Housekeeping {
 public:
  // Calls `every_second` on its thread from now on.
  explicit Housekeeping(std::function<void()> every_second);
  ~Housekeeping();
  Housekeeping(const Housekeeping&) = delete;
  Housekeeping& operator=(const Housekeeping&) = delete;

  // Runs `task` soon, on the same thread.
  void post(std::function<void()> task);
  // Finishes the task under way and ends; what was posted and not begun is dropped.
  void stop();

 private:
  void work();

  const std::function<void()> every_second_;
  std::mutex mutex_;
  // Below: guarded by mutex_, a leaf.
  std::condition_variable wake_;
  std::vector<std::function<void()>> tasks_;
  bool stopping_ = false;

  std::thread thread_;
};

}  // namespace muster::collector
