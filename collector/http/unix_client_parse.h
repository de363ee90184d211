// What the Unix client makes of the bytes it got: apart from the reading, so that tests can feed
// it.
#pragma once

#include <absl/status/statusor.h>

#include <string_view>

#include "collector/http/message.h"

namespace muster::collector::http {

// A whole HTTP/1 answer, up to the end of the connection. Unavailable: it is none, or was cut off.
absl::StatusOr<Response> parse_response(std::string_view bytes);

}  // namespace muster::collector::http
