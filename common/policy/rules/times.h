// Times as rules use them. Pure.
#pragma once

#include <string>

#include "common/clock.h"

namespace muster::policy {

// `time` + `duration`; the end of time where that is beyond it.
TimePoint saturating_add(TimePoint time, Duration duration);

// An age in words ("9 days"), and when the words change.
struct Age {
  std::string words;
  TimePoint changes_at;
};
Age describe_age(TimePoint since, TimePoint now);

}  // namespace muster::policy
