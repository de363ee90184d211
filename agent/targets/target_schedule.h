// When each target that this agent holds is looked at: on the grid of its name and interval
// (common/targets/look_grid.h), each point at most once, none outside its lease.
//
// - A target that is new, or whose lease had ended, begins at the next point.
// - One that nobody ever looked at begins before that: within ten minutes, or its interval.
// - A look that could not begin at its point is made late, up to half an interval; later it is
//   missed, for the next one is near. Both are counted.
// - Looks at one target begin at least half an interval apart, whatever clocks do, but for one that
//   was given up and is made anew. A clock that was set back by more than two intervals and a
//   minute begins the points anew, else targets would wait for it to come back; by less, points
//   that were looked at are not looked at again.
//
// Pure; one thread owns it.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "agent/targets/held_target.h"
#include "agent/targets/lease_clock.h"
#include "agent/targets/look_allowance.h"

namespace muster::agent {

// One look that is to be made.
struct PlannedLook {
  std::string entity;
  std::string address;
  Duration timeout{0};
  // Of its grid.
  int64_t number = 0;
  // In uptime: its point, and where its lease ends.
  Duration begin{0};
  Duration end = kNever;
};

class TargetSchedule {
 public:
  using Targets = std::map<std::string, HeldTarget, std::less<>>;

  // What is held from here on, by entity, all of one clock and up to one end.
  void set(Targets targets) { targets_ = std::move(targets); }
  // Another end; 0: nothing is held now.
  void set_end(Duration end) { end_ = end; }

  // The looks of a probe whose points lie before `until`, in their order, that were not planned
  // before; at most `most`. What there is no room for waits.
  std::vector<PlannedLook> plan(std::string_view probe, const GridClock& clock, Duration now,
                                Duration until, size_t most, LookAllowance& allowance);

  // What was planned from `now` on will not be made: it is planned again.
  void forget_plans(Duration now);
  // Nor will the look at `entity` that was planned for `begin`, nor those after it, though it may
  // have begun: what it saw is told to nobody.
  void forget_look(std::string_view entity, Duration begin);

  // Looks that were planned; of these, the ones after their point; and those that never were.
  struct Counts {
    uint64_t looks = 0;
    uint64_t late = 0;
    uint64_t missed = 0;
  };
  const Counts& counts() const { return counts_; }
  const Targets& targets() const { return targets_; }

 private:
  // The last look that was planned.
  struct Progress {
    int64_t number = 0;
    // When it began or will, in uptime.
    Duration begin{0};
    Duration interval{0};
    // The lease ended since.
    bool ended = false;
  };
  struct Candidate;
  Duration end_of(const HeldTarget& target) const;
  // When the first look at a target begins that nobody looked at; the same whenever it is asked.
  Duration soon(const HeldTarget& target, Duration now);
  int64_t next_number(const HeldTarget& target, const Progress* progress, const GridClock& clock,
                      Duration now) const;
  void add_candidates(const HeldTarget& target, const GridClock& clock, Duration now,
                      Duration until, std::vector<Candidate>& candidates);
  void note(const Candidate& candidate, Duration now);

  Targets targets_;
  Duration end_ = kNever;
  // Of those that are held, and of those that are not any more for as long as a look may be ahead.
  std::map<std::string, Progress, std::less<>> progress_;
  // Of targets whose first look is ahead: when it begins.
  std::map<std::string, Duration, std::less<>> soon_;
  Counts counts_;
};

}  // namespace muster::agent
