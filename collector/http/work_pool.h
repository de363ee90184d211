// A few threads for what would hold up the server's, with a bounded queue. Any thread; the
// destructor waits for what runs and drops what waits.
#pragma once

#include <atomic>
#include <boost/asio/thread_pool.hpp>
#include <cstddef>
#include <functional>

namespace muster::collector::http {

class WorkPool {
 public:
  WorkPool(size_t threads, size_t queue_limit);
  ~WorkPool();
  WorkPool(const WorkPool&) = delete;
  WorkPool& operator=(const WorkPool&) = delete;

  // False if as many as `queue_limit` wait or run; `work` is then not called.
  bool post(std::function<void()> work);

 private:
  const size_t queue_limit_;
  std::atomic<size_t> under_way_ = 0;
  boost::asio::thread_pool threads_;
};

}  // namespace muster::collector::http
