// The clock that leases are counted by: it goes on with the machine's uptime, so that nobody who
// sets the time of day ends a lease for one side only. Across a restart of the collector it goes on
// as the uptime did; across a restart of the machine it stands still, since nothing says how long
// that took: a lease then seems longer than it was, never shorter.
//
// Not for several threads, but for now().
#pragma once

#include <optional>
#include <string>

#include "collector/store/lease_records.h"
#include "common/clock.h"

namespace muster::collector {

class LeaseClock {
 public:
  // `last`: what the store has. It outlives nothing but the clock.
  LeaseClock(const Clock& clock, std::string boot_id, const std::optional<LeaseHorizon>& last);

  TimePoint now() const { return start_ + (clock_.uptime() - start_uptime_); }

  // Whether it counts as it did before the collector was started, so that the same time is the same
  // moment: else it is a later one.
  bool goes_on() const { return goes_on_; }

  // Follows the time of day if somebody set it. True: times that agents were told in it must be
  // told anew.
  bool follow();
  // The time of day at a time of leases, and back, as follow() found them last.
  TimePoint to_wall(TimePoint time) const { return time + offset_; }
  TimePoint from_wall(TimePoint time) const { return time - offset_; }
  // What to_wall() adds.
  Duration wall_offset() const { return offset_; }
  // The time of day, right now.
  TimePoint wall_now() const { return clock_.now(); }

  // For the store: that no lease ends later.
  LeaseHorizon horizon(TimePoint ends) const;

 private:
  const Clock& clock_;
  const std::string boot_id_;
  const bool goes_on_;
  const Duration start_uptime_;
  const TimePoint start_;
  Duration offset_;
};

}  // namespace muster::collector
