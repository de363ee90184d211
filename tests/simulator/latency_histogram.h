// Latencies, counted in buckets of 2 %: of any number of them it takes the same few kilobytes.
// Plain value; one thread.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace muster::simulator {

class LatencyHistogram {
 public:
  using Latency = std::chrono::duration<double>;

  void add(Latency latency);

  uint64_t count() const { return count_; }
  // Exact.
  Latency max() const { return max_; }
  // The latency that the part `share` (0 to 1) stays within, to 2 %; 0 of none.
  Latency quantile(double share) const;

 private:
  // From a microsecond to beyond an hour.
  static constexpr size_t kBuckets = 1200;
  std::array<uint64_t, kBuckets> buckets_{};
  uint64_t count_ = 0;
  Latency max_{0};
};

}  // namespace muster::simulator
