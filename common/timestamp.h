// Between our time points, protobuf's timestamps and text. Pure; any thread.
#pragma once

#include <google/protobuf/timestamp.pb.h>

#include <string>

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

}  // namespace muster
