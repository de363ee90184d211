// From when and until when what an authority says of a certificate counts: whoever is in between
// may send what was true long ago. Pure.
#pragma once

#include <optional>
#include <string>

#include "common/clock.h"

namespace muster::tls {

// Of what says no end itself, from when it was made. Public authorities renew their answers within
// that time or little more.
inline constexpr Duration kWithoutEnd = std::chrono::hours(24 * 7);
// Clocks differ.
inline constexpr Duration kMostAhead = std::chrono::hours(24);

// Why it does not count: "ended at 2026-11-25T…", "is of 2026-…, and says no end". Empty: it does.
std::string why_not_now(TimePoint made, std::optional<TimePoint> end, TimePoint now);

}  // namespace muster::tls
