// One HTTP request over a Unix socket, blocking: how the verbs of muster-collector speak to the
// collector that runs. Any thread.
#pragma once

#include <absl/status/statusor.h>

#include <chrono>
#include <string>
#include <string_view>

#include "collector/http/message.h"

namespace muster::collector::http {

struct UnixClientLimits {
  // For the whole exchange.
  std::chrono::milliseconds timeout = std::chrono::seconds(30);
  // Of the answer, header and body.
  size_t response_bytes = 64 * 1024 * 1024;
};

// Sends `method` `target` (path and query, already percent-encoded) with `body` as JSON, and reads
// the whole answer, whatever its status. Header names in the answer are lower-case.
//
// NotFound: nobody listens there (no socket, or one that a dead process left): the collector is not
// running. PermissionDenied: somebody else's socket. DeadlineExceeded, ResourceExhausted: a limit.
// Unavailable: the connection broke or the answer is not HTTP. InvalidArgument: the path is longer
// than a socket's can be, or `method` or `target` has a character that has no place there.
absl::StatusOr<Response> request_unix(const std::string& socket_path, std::string_view method,
                                      std::string_view target, std::string_view body,
                                      const UnixClientLimits& limits = {});

}  // namespace muster::collector::http
