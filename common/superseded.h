// The words by which a collector refuses a report (PERMISSION_DENIED) because a newer certificate
// of the host has reported, and by which an agent knows to ask for a renewal: it tells who is
// right. Part of the protocol, for collectors and agents of neighbouring versions meet.
#pragma once

#include <string_view>

namespace muster {

inline constexpr std::string_view kSupersededWords = "a newer certificate of this host is in use";

}  // namespace muster
