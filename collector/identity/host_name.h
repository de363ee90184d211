// What a host may be called: the label `host`, a segment of a URL, a word on a command line. Pure;
// any thread.
#pragma once

#include <absl/status/status.h>

#include <string>
#include <string_view>

namespace muster::collector {

inline constexpr size_t kHostNameLimit = 253;

// Letters, digits, '.', '-' and '_', neither beginning nor ending with '.' or '-'; whatever else it
// has becomes '-'. Empty if nothing remains.
std::string sanitize_host_name(std::string_view wish);

// InvalidArgument, with what a name may have, unless it is one as it is.
absl::Status check_host_name(std::string_view name);

}  // namespace muster::collector
