// How long a server wants to be left alone: HTTP's Retry-After (RFC 9110, section 10.2.3). Pure;
// any thread.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace muster::domains::rdap {

// Of seconds, "120", or of a date, "Fri, 31 Dec 1999 23:59:59 GMT"; zero for a date that is over.
// At most a week: nothing that a server says stops us for longer. Unset for anything else.
std::optional<std::chrono::seconds> read_retry_after(std::string_view value,
                                                     std::chrono::sys_seconds now);

}  // namespace muster::domains::rdap
