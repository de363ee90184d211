// So many per address, with a store that refills: a token bucket for each key, in a table that
// cannot be made to grow. Any thread.
#pragma once

#include <cstddef>
#include <map>
#include <mutex>
#include <string>

#include "common/clock.h"

namespace muster::collector::http {

class RateLimiter {
 public:
  // `burst` at once; each comes back after `refill`. Past `keys` that are not full again, all
  // further ones share one bucket.
  RateLimiter(const Clock& clock, double burst, Duration refill, size_t keys = 4096);

  // Takes one; false if there is none left.
  bool take(const std::string& key);
  // Gives one back that was taken and not needed.
  void give_back(const std::string& key);

 private:
  struct Bucket {
    double left = 0;
    TimePoint at;
  };
  Bucket& bucket_of(const std::string& key, TimePoint now);
  void refill(Bucket& bucket, TimePoint now) const;

  const Clock& clock_;
  const double burst_;
  const Duration refill_;
  const size_t keys_;
  std::mutex mutex_;
  // Guarded by mutex_.
  std::map<std::string, Bucket> buckets_;
  Bucket shared_;
};

}  // namespace muster::collector::http
