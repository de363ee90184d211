// Between our time points, protobuf's timestamps and text. Pure; any thread.
#pragma once

#include <google/protobuf/timestamp.pb.h>

#include <optional>
#include <string>
#include <string_view>

#include "common/clock.h"

namespace muster {

google::protobuf::Timestamp to_proto(TimePoint time);

// Out-of-range nanoseconds and years beyond what a TimePoint holds (about 290,000) are clamped.
TimePoint from_proto(const google::protobuf::Timestamp& timestamp);

// Seconds since 1970, as Prometheus wants a time stamp.
double to_unix_seconds(TimePoint time);

// "2026-11-21T20:58:43Z", to the second.
std::string to_iso8601(TimePoint time);

// "2026-11-21".
std::string to_iso_date(TimePoint time);

// Exactly these two texts, of years from 0 to 9999; a date is its first moment in UTC. Nothing for
// another text, and for a day that the calendar has not.
std::optional<TimePoint> parse_iso8601(std::string_view text);
std::optional<TimePoint> parse_iso_date(std::string_view text);

}  // namespace muster
