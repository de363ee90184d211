// What Microsoft Defender did: `mdatp scan list` and `mdatp threat list`, both with --output json.
// Microsoft documents what they tell and not in which words: what is not exactly of the form that
// other programs are seen to read is unread. Pure; any thread.
#pragma once

#include <boost/json/object.hpp>
#include <optional>
#include <string_view>

#include "common/clock.h"
#include "muster/v1/protection_facts.pb.h"

namespace muster::antivirus {

// Milliseconds since 1970, as a number or in digits.
std::optional<TimePoint> parse_defender_time(const boost::json::object& object,
                                             std::string_view name);

// The last full and the last quick scan. It lists the last seven scans of any kind, so that one
// that is not there may have been all the same.
void read_defender_scans(std::string_view text, v1::ProtectionProduct& product);

void read_defender_threats(std::string_view text, v1::ProtectionProduct& product);

}  // namespace muster::antivirus
