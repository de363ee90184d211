#include "common/targets/look_grid.h"

namespace muster {
namespace {

// FNV-1a, then the finalizer of MurmurHash3: the same on every machine and in every version, which
// std::hash does not promise.
uint64_t hash_of(std::string_view text) {
  uint64_t hash = 0xcbf29ce484222325;
  for (const char c : text) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 0x100000001b3;
  }
  hash ^= hash >> 33;
  hash *= 0xff51afd7ed558ccd;
  hash ^= hash >> 33;
  return hash;
}

}  // namespace

LookGrid::LookGrid(std::string_view target, Duration interval)
    : interval_(interval),
      phase_(static_cast<int64_t>(hash_of(target) % static_cast<uint64_t>(interval.count()))) {}

int64_t LookGrid::first_from(TimePoint time) const {
  const int64_t since = (time.time_since_epoch() - phase_).count();
  const int64_t number = since / interval_.count();
  // Division rounds towards zero.
  return number * interval_.count() >= since ? number : number + 1;
}

TimePoint LookGrid::begin(int64_t number) const {
  return TimePoint(number * interval_ + phase_);
}

}  // namespace muster
