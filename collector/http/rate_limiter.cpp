#include "collector/http/rate_limiter.h"

#include <algorithm>
#include <iterator>

namespace muster::collector::http {

RateLimiter::RateLimiter(const Clock& clock, double burst, Duration refill, size_t keys)
    : clock_(clock), burst_(burst), refill_(refill), keys_(keys), shared_{burst, clock.now()} {}

bool RateLimiter::take(const std::string& key) {
  const TimePoint now = clock_.now();
  const std::lock_guard lock(mutex_);
  Bucket& bucket = bucket_of(key, now);
  refill(bucket, now);
  if (bucket.left < 1) return false;
  bucket.left -= 1;
  return true;
}

void RateLimiter::give_back(const std::string& key) {
  const std::lock_guard lock(mutex_);
  Bucket& bucket = bucket_of(key, clock_.now());
  bucket.left = std::min(burst_, bucket.left + 1);
}

RateLimiter::Bucket& RateLimiter::bucket_of(const std::string& key, TimePoint now) {
  const auto entry = buckets_.find(key);
  if (entry != buckets_.end()) return entry->second;
  if (buckets_.size() >= keys_) {
    // A full bucket is the same as none.
    for (auto other = buckets_.begin(); other != buckets_.end();) {
      refill(other->second, now);
      other = other->second.left >= burst_ ? buckets_.erase(other) : std::next(other);
    }
    if (buckets_.size() >= keys_) return shared_;
  }
  return buckets_.emplace(key, Bucket{burst_, now}).first->second;
}

void RateLimiter::refill(Bucket& bucket, TimePoint now) const {
  // A clock that was set back refills nothing.
  const auto passed = std::max(now - bucket.at, Duration::zero());
  const double refilled =
      static_cast<double>(passed.count()) / static_cast<double>(refill_.count());
  bucket.left = std::min(burst_, bucket.left + refilled);
  bucket.at = now;
}

}  // namespace muster::collector::http
