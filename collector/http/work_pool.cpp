#include "collector/http/work_pool.h"

#include <boost/asio/post.hpp>
#include <exception>

namespace muster::collector::http {

WorkPool::WorkPool(size_t threads, size_t queue_limit)
    : queue_limit_(queue_limit), threads_(threads) {}

WorkPool::~WorkPool() {
  threads_.stop();
  threads_.join();
}

bool WorkPool::post(std::function<void()> work) {
  if (under_way_.fetch_add(1) >= queue_limit_) {
    --under_way_;
    return false;
  }
  boost::asio::post(threads_, [this, work = std::move(work)] {
    try {
      work();
    } catch (const std::exception&) {
      // Out of memory: whoever waits for an answer gets 503 when `work` is destroyed.
    }
    --under_way_;
  });
  return true;
}

}  // namespace muster::collector::http
