#include "collector/sync/rejection_log.h"

namespace muster::collector {
namespace {

constexpr Duration kEvery = std::chrono::hours(1);

}  // namespace

bool RejectionLog::should_log(std::string_view host, std::string_view reason, TimePoint now) {
  const std::lock_guard guard(mutex_);
  forget_the_old(now);
  Pair pair{host, reason};
  if (logged_.contains(pair)) return false;
  if (logged_.size() >= limit_) {
    ++omitted_;
    return false;
  }
  by_age_.push_back(logged_.emplace(std::move(pair), now).first);
  return true;
}

uint64_t RejectionLog::take_omitted() {
  const std::lock_guard guard(mutex_);
  return std::exchange(omitted_, 0);
}

// Each is looked at once more than it is logged, however many there are.
void RejectionLog::forget_the_old(TimePoint now) {
  while (!by_age_.empty() && now - by_age_.front()->second >= kEvery) {
    logged_.erase(by_age_.front());
    by_age_.pop_front();
  }
}

}  // namespace muster::collector
