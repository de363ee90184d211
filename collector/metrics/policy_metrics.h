// What metrics tell of the policy and of the fleet as a whole: how it complies, by labels; when
// waivers and dates end, and whom to call. Gathered anew for each scrape, from what the fleet has
// counted; prometheus-cpp's form, beside its registry. Any thread.
#pragma once

#include <prometheus/collectable.h>
#include <prometheus/metric_family.h>

#include <atomic>
#include <vector>

#include "collector/fleet/fleet.h"
#include "common/clock.h"

namespace muster::collector {

class PolicyMetrics : public prometheus::Collectable {
 public:
  // The fleets of hosts and of targets (null: there are none) outlive it; their policy is as old as
  // the object.
  PolicyMetrics(const Clock& clock, const Fleet& fleet, const Fleet* targets = nullptr)
      : clock_(clock), fleet_(fleet), targets_(targets), loaded_at_(clock.now()) {}

  // The policy was read again and is in force now, or was refused.
  void note_reload(bool successful);
  // Counts the selectors that select no host; called every second, it does so when hosts, labels or
  // the policy have changed, and not more often than once a minute.
  void look_at_selectors();

  std::vector<prometheus::MetricFamily> Collect() const override;

 private:
  // Of hosts and targets.
  std::vector<GroupCounts> compliance() const;
  uint64_t scope_changes() const;

  const Clock& clock_;
  const Fleet& fleet_;
  const Fleet* const targets_;
  std::atomic<TimePoint> loaded_at_;
  std::atomic<bool> is_last_reload_successful_ = true;
  std::atomic<size_t> selectors_without_hosts_ = 0;

  // Of look_at_selectors, which one thread calls.
  TimePoint next_look_;
  uint64_t looked_at_scopes_ = 0;
};

}  // namespace muster::collector
