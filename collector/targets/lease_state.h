// What is known of one agent's leases and of one target's, in memory. Plain values; times are of
// the LeaseClock.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "collector/targets/leases.h"

namespace muster::collector {

// Agents are known by their place in a vector.
inline constexpr uint32_t kNobody = std::numeric_limits<uint32_t>::max();
inline constexpr TimePoint kNever = TimePoint::min();

struct LeaseAgent {
  Looker looker;
  uint64_t hash = 0;
  uint32_t site = 0;
  // Whether it may look: only then is its lease renewed.
  bool eligible = false;
  // The latest end that it may know of, and when nobody else's clock can be before that.
  TimePoint granted_end = kNever;
  TimePoint clear = kNever;
  // How long a lease its last report asked for.
  Duration lease{0};
  // It is alive until then: as if its last report had been granted all it asked for.
  TimePoint heard_until = kNever;

  // Its list as it was last made, and whether that is to be made anew before it is answered.
  std::string list;
  std::string digest;
  bool stale = true;
  // Lists are counted from 1. No list after `answered_list` can be known to the agent.
  uint64_t list_number = 0;
  uint64_t answered_list = 0;

  // Of targets that it holds or is to hold.
  size_t targets = 0;
  size_t list_bytes = 0;
};

// Who looks at a target, or is to look at it from some time on.
struct LeaseHolder {
  uint32_t agent = kNobody;
  TimePoint not_before = kNever;
  // The first of the agent's lists that has it. Unset: no list has it, so the agent cannot know.
  static constexpr uint64_t kInNoList = std::numeric_limits<uint64_t>::max();
  uint64_t since_list = kInNoList;
  // Whether the store has it: before, it is in no list.
  bool stored = false;
};

// Who looked at it before that, until a time that is fixed.
struct FormerHolder {
  uint32_t agent = kNobody;
  TimePoint not_before = kNever;
  TimePoint ends = kNever;
  // From when on another may look.
  TimePoint clear = kNever;
  // Until that time, and whether it is in the agent's list.
  bool runs = false;
  bool listed = false;
};

struct LeasedTarget {
  // Its name and what it is, in the table. Null once it is not listed any more.
  const TargetTable::Targets::value_type* listed = nullptr;
  uint64_t hash = 0;
  // The site's number; 0: none.
  uint32_t site = 0;
  // Whom it falls to, as it was when the agents were those of that ranking. 0: not known.
  uint32_t ranking = 0;
  uint32_t chosen = kNobody;
  LeaseHolder holder;
  FormerHolder former;
  // Agents that will not look at it, the earliest first.
  std::vector<uint32_t> refused_by;
  // Whether it waits to be written.
  bool queued = false;
};

// A target that is not listed any more, but whose holder may not know: nobody else looks at
// anything of that name until it is clear.
struct GoneTarget {
  LeasedTarget state;
  // Of the holder, where there is one. Unset: it has not been taken from it (after a restart,
  // before there is a list).
  std::optional<TimePoint> holder_ends = {};
  TimePoint clear = kNever;
};

}  // namespace muster::collector
