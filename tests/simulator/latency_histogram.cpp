#include "tests/simulator/latency_histogram.h"

#include <algorithm>
#include <cmath>

namespace muster::simulator {
namespace {

constexpr double kFirst = 1e-6;
constexpr double kStep = 1.02;

}  // namespace

void LatencyHistogram::add(Latency latency) {
  const double steps = std::log(std::max(latency.count(), kFirst) / kFirst) / std::log(kStep);
  ++buckets_.at(std::min(static_cast<size_t>(steps), kBuckets - 1));
  ++count_;
  max_ = std::max(max_, latency);
}

LatencyHistogram::Latency LatencyHistogram::quantile(double share) const {
  if (count_ == 0) return Latency(0);
  const auto wanted =
      std::max<uint64_t>(1, static_cast<uint64_t>(std::ceil(share * static_cast<double>(count_))));
  uint64_t seen = 0;
  for (size_t bucket = 0; bucket < kBuckets; ++bucket) {
    seen += buckets_[bucket];
    if (seen < wanted) continue;
    return std::min(max_, Latency(kFirst * std::pow(kStep, static_cast<double>(bucket) + 1)));
  }
  return max_;
}

}  // namespace muster::simulator
