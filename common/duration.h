// Durations as people write them in a configuration, and as they read them in a sentence.
#pragma once

#include <absl/status/statusor.h>

#include <string>
#include <string_view>

#include "common/clock.h"

namespace muster {

// Reads "90s", "15m", "1h30m", "14d", "2w", "250ms". A bare number, a sign, a fraction, a unit
// twice or a total over ten years is InvalidArgument, with what is expected in the message.
absl::StatusOr<Duration> parse_duration(std::string_view text);

// The shortest text that parse_duration reads back: "1h30m", "14d", "0s".
std::string format_duration(Duration duration);

// Roughly, for a sentence: "3 days", "1 hour", "40 seconds". Never negative.
std::string describe_duration(Duration duration);

}  // namespace muster
