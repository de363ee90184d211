// Zones as they stand behind a time. Pure; any thread.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace muster::domains::whois {

struct ZoneInText {
  std::optional<std::chrono::seconds>
      offset;            // east of UTC; absent: no zone, or one that is not known
  size_t length = 0;     // bytes that it takes, with what is before it
  bool is_word = false;  // letters only, known or not: "XYZT", and nothing behind them
};

// "Z", "UTC", "+03", "-0700", "+05:30", "(UTC+8)", "(GMT+0:00)", "JST", "(EET)". Names that mean
// several zones (CST, IST, EST) are not known.
ZoneInText zone_at_front(std::string_view text);

}  // namespace muster::domains::whois
