#include "collector/rejection_log.h"

namespace muster::collector {
namespace {

constexpr Duration kEvery = std::chrono::hours(1);

}  // namespace

bool RejectionLog::should_log(std::string_view host, std::string_view reason, TimePoint now) {
  const std::lock_guard guard(mutex_);
  const auto entry = logged_.find({std::string(host), std::string(reason)});
  if (entry != logged_.end()) {
    if (now - entry->second < kEvery) return false;
    entry->second = now;
    return true;
  }
  if (logged_.size() >= limit_) {
    std::erase_if(logged_, [now](const auto& one) { return now - one.second >= kEvery; });
    if (logged_.size() >= limit_) return false;
  }
  logged_.emplace(std::pair(std::string(host), std::string(reason)), now);
  return true;
}

}  // namespace muster::collector
