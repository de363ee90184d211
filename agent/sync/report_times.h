// When a report was sent and when its answer came, by this machine's uptime (Clock::uptime), which
// nobody sets. What the collector says about its clock, it said between the two.
#pragma once

#include "common/clock.h"

namespace muster::agent {

struct ReportTimes {
  Duration sent{0};
  Duration came{0};
};

}  // namespace muster::agent
