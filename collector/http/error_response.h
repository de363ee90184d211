// A refusal as JSON (v1.ErrorResponse), whatever the text is made of. Pure; any thread.
#pragma once

#include <absl/status/status.h>

#include <string_view>

#include "collector/http/message.h"

namespace muster::collector::http {

// `text` may hold anything: it is repaired and escaped here.
Response error_response(int status, std::string_view text);

// The HTTP status for a status of ours; 503 carries Retry-After.
Response error_response(const absl::Status& status);

}  // namespace muster::collector::http
