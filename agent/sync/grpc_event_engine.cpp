#include "agent/sync/grpc_event_engine.h"

#include <grpc/event_engine/event_engine.h>

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>

namespace muster::agent {
namespace {

using grpc_event_engine::experimental::EndpointConfig;
using grpc_event_engine::experimental::EventEngine;
using grpc_event_engine::experimental::MemoryAllocator;
using grpc_event_engine::experimental::MemoryAllocatorFactory;

using SteadyTime = std::chrono::steady_clock::time_point;
using Task = absl::AnyInvocable<void()>;

// What is due when, and the loop that runs it.
class Schedule {
 public:
  // Tasks that are due at the same time run in the order in which they came.
  using Key = std::pair<SteadyTime, uint64_t>;

  Key add(SteadyTime due, Task task) {
    const std::lock_guard lock(mutex_);
    const Key key(due, ++last_);
    const auto place = tasks_.emplace(key, std::move(task)).first;
    if (place == tasks_.begin()) changed_.notify_one();
    return key;
  }

  bool cancel(const Key& key) {
    // What a task holds is let go without the lock: it may come back here.
    Task task;
    const std::lock_guard lock(mutex_);
    const auto found = tasks_.find(key);
    if (found == tasks_.end()) return false;
    task = std::move(found->second);
    tasks_.erase(found);
    return true;
  }

  void end() {
    const std::lock_guard lock(mutex_);
    ended_ = true;
    changed_.notify_one();
  }

  void run_until_ended() {
    std::unique_lock lock(mutex_);
    while (!ended_) {
      if (tasks_.empty()) {
        changed_.wait(lock);
      } else if (const SteadyTime due = tasks_.begin()->first.first;
                 due > std::chrono::steady_clock::now()) {
        changed_.wait_until(lock, due);
      } else {
        Task task = std::move(tasks_.begin()->second);
        tasks_.erase(tasks_.begin());
        lock.unlock();
        task();
        task = nullptr;
        lock.lock();
      }
    }
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<Key, Task> tasks_;
  uint64_t last_ = 0;
  bool ended_ = false;
};

class SmallEventEngine : public EventEngine {
 public:
  // The thread shares the schedule: the last task may be what lets go of the engine.
  SmallEventEngine()
      : schedule_(std::make_shared<Schedule>()),
        thread_([schedule = schedule_] { schedule->run_until_ended(); }) {}

  ~SmallEventEngine() override {
    schedule_->end();
    if (IsWorkerThread()) {
      thread_.detach();
    } else {
      thread_.join();
    }
  }

  SmallEventEngine(const SmallEventEngine&) = delete;
  SmallEventEngine& operator=(const SmallEventEngine&) = delete;

  bool IsWorkerThread() override { return std::this_thread::get_id() == thread_.get_id(); }

  void Run(Closure* closure) override {
    Run([closure] { closure->Run(); });
  }
  void Run(Task closure) override {
    schedule_->add(std::chrono::steady_clock::now(), std::move(closure));
  }
  TaskHandle RunAfter(Duration when, Closure* closure) override {
    return RunAfter(when, [closure] { closure->Run(); });
  }
  TaskHandle RunAfter(Duration when, Task closure) override {
    const Schedule::Key key = schedule_->add(due_after(when), std::move(closure));
    return {{static_cast<intptr_t>(key.first.time_since_epoch().count()),
             static_cast<intptr_t>(key.second)}};
  }
  bool Cancel(TaskHandle handle) override {
    return schedule_->cancel(
        {SteadyTime(SteadyTime::duration(handle.keys[0])), static_cast<uint64_t>(handle.keys[1])});
  }

  absl::StatusOr<std::unique_ptr<Listener>> CreateListener(
      Listener::AcceptCallback, absl::AnyInvocable<void(absl::Status)>, const EndpointConfig&,
      std::unique_ptr<MemoryAllocatorFactory>) override {
    return not_here();
  }
  ConnectionHandle Connect(OnConnectCallback on_connect, const ResolvedAddress&,
                           const EndpointConfig&, MemoryAllocator, Duration) override {
    Run([done = std::move(on_connect)]() mutable { done(not_here()); });
    return {{0, 0}};
  }
  bool CancelConnect(ConnectionHandle) override { return false; }
  std::unique_ptr<DNSResolver> GetDNSResolver(const DNSResolver::ResolverOptions&) override {
    return nullptr;
  }

 private:
  static absl::Status not_here() {
    return absl::UnimplementedError("this event engine runs closures only");
  }

  // gRPC says "never" with the longest duration there is, which must not overflow.
  static SteadyTime due_after(Duration when) {
    const SteadyTime now = std::chrono::steady_clock::now();
    return when < SteadyTime::max() - now ? now + when : SteadyTime::max();
  }

  const std::shared_ptr<Schedule> schedule_;
  std::thread thread_;
};

}  // namespace

void use_small_event_engine() {
  static std::once_flag once;
  std::call_once(once, [] {
    grpc_event_engine::experimental::SetEventEngineFactory(
        [] { return std::make_unique<SmallEventEngine>(); });
  });
}

}  // namespace muster::agent
