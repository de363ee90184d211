// Who holds which target, as the store keeps it. Plain values. Times are of the leases' own clock
// (collector/targets/lease_clock.h).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/clock.h"

namespace muster::collector {

struct HolderRecord {
  std::string host_id;
  TimePoint not_before;
  // Unset: until the end of the holder's lease.
  std::optional<TimePoint> ends = {};
  bool operator==(const HolderRecord&) const = default;
};

// All that is kept of one target's lease. Without holders and refusals: nothing is.
struct TargetLeaseRecord {
  std::string target;
  // Two while it is on its way from one to the other.
  std::vector<HolderRecord> holders;
  // Ids of hosts that will not look at it.
  std::vector<std::string> refused_by = {};
  bool operator==(const TargetLeaseRecord&) const = default;
};

// In place of a boot: the store is of a backup, and holders have changed since it was made.
inline constexpr std::string_view kRestoredBoot = "restored";

// No lease ends later than this.
struct LeaseHorizon {
  TimePoint ends;
  // When that was written, which is what the leases' clock goes on from: in the same boot with what
  // has passed since, else from here.
  TimePoint set_at;
  Duration uptime{};
  std::string boot_id;
  bool operator==(const LeaseHorizon&) const = default;
};

// One transaction's changes: each replaces what was there of the target.
struct LeaseWrite {
  std::vector<TargetLeaseRecord> targets;
  std::optional<LeaseHorizon> horizon = {};
};

struct StoredLeases {
  std::vector<TargetLeaseRecord> targets;
  // Unset: nothing was ever granted.
  std::optional<LeaseHorizon> horizon = {};
};

}  // namespace muster::collector
