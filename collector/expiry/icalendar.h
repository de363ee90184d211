// A list of what ends as an iCalendar (RFC 5545) that calendars subscribe to: an event for the
// whole day (UTC) on which it ends, with alarms 30 and 7 days before. Pure; any thread.
#pragma once

#include <string>

#include "muster/v1/fleet.pb.h"

namespace muster::collector {

inline constexpr const char* kCalendarType = "text/calendar; charset=utf-8";

std::string to_icalendar(const v1::ExpiryList& list);

}  // namespace muster::collector
