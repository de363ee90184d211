#include "collector/service/housekeeping.h"

#include <chrono>
#include <utility>

#include "common/failpoint.h"

namespace muster::collector {

Housekeeping::Housekeeping(std::function<void()> every_second)
    : every_second_(std::move(every_second)), thread_([this] { work(); }) {}

Housekeeping::~Housekeeping() {
  stop();
}

void Housekeeping::post(std::function<void()> task) {
  {
    const std::lock_guard guard(mutex_);
    tasks_.push_back(std::move(task));
  }
  wake_.notify_one();
}

void Housekeeping::stop() {
  {
    const std::lock_guard guard(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void Housekeeping::work() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    std::vector<std::function<void()>> tasks;
    tasks.swap(tasks_);
    lock.unlock();
    for (const std::function<void()>& task : tasks)
      task();
    failpoint::pass("housekeeping.round");
    every_second_();
    lock.lock();
    wake_.wait_for(lock, std::chrono::seconds(1), [this] { return stopping_ || !tasks_.empty(); });
  }
}

}  // namespace muster::collector
