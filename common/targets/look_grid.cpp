#include "common/targets/look_grid.h"

#include "common/stable_hash.h"

namespace muster {

LookGrid::LookGrid(std::string_view target, Duration interval)
    : interval_(interval),
      phase_(static_cast<int64_t>(stable_hash(target) % static_cast<uint64_t>(interval.count()))) {}

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
