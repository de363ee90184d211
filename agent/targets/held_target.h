// A target as this agent has to look at it: one that the collector assigned and this host allows,
// or one of its own. Times are of this machine's uptime. A plain value.
#pragma once

#include <string>

#include "common/clock.h"

namespace muster::agent {

// An end that does not come.
inline constexpr Duration kNever = Duration::max();

struct HeldTarget {
  // The entity of its sections: its name; "/" and its name of one's own.
  std::string entity;
  std::string probe;
  // "www.example.org:443".
  std::string address;
  Duration interval{0};
  Duration timeout{0};
  // No look begins before.
  Duration not_before{0};
  // Nobody looked at it yet: the first look is made soon, and not at the next point of its grid.
  bool look_soon = false;
  // Nor after; for the collector's, the list's end comes to it.
  Duration valid_until = kNever;

  bool operator==(const HeldTarget&) const = default;
};

// One that it does not look at.
struct RefusedTarget {
  std::string entity;
  // Empty where what was assigned cannot be the name of one: it has no section.
  std::string probe;
  // A sentence for an operator.
  std::string why;
};

}  // namespace muster::agent
