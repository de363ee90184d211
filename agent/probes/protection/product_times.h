// Times as products write them. Many write the host's local time without its zone: that of
// /etc/localtime. Calls block for the zone's file; any thread.
#pragma once

#include <absl/time/time.h>

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "common/clock.h"

namespace muster::protection {

// The zone that the system below `root` is set to; UTC where it is set to none. Unset if the file
// cannot be read or is none of tzfile(5).
std::optional<absl::TimeZone> local_zone(const std::string& root);

// The text as the first of these forms that it has, in absl's letters (absl/time/time.h: strptime's
// and %E*S for seconds with a fraction, %Ez for "+01:00" or "Z"); without a zone in it, in `zone`.
// All of the text must be of the form. Of an hour that a change of the clocks repeats, the earlier:
// nothing is taken for fresher than it may be. Unset for anything else.
std::optional<TimePoint> parse_time(std::string_view text, std::initializer_list<const char*> forms,
                                    const absl::TimeZone& zone = absl::UTCTimeZone());

// "2026-11-22T18:41:17Z", with a fraction, with "+01:00" or "+0100", with a blank instead of the T.
std::optional<TimePoint> parse_iso_time(std::string_view text);
// "Sun Nov 22 18:41:17 2026", of ctime(3).
std::optional<TimePoint> parse_ctime(std::string_view text, const absl::TimeZone& zone);
// Seconds since 1970 in digits, with or without a fraction.
std::optional<TimePoint> parse_unix_time(std::string_view text);

}  // namespace muster::protection
