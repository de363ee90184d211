// One GET over HTTPS or HTTP, blocking, for at most its time. Redirections are not followed and no
// proxy is asked: what is sent goes to the one place that the configuration names. Any thread.
#pragma once

#include <absl/status/statusor.h>

#include <stop_token>
#include <string>

#include "collector/http_client/http_answer.h"
#include "collector/http_client/http_url.h"
#include "common/clock.h"

namespace muster::collector {

struct HttpGet {
  HttpUrl url;
  // The CA certificates that the server's must be of, PEM; empty: the system's.
  std::string ca_pem;
  // The whole value of the header: "Bearer …". Empty: none. Never in a message.
  std::string authorization;
  std::string accept = "application/json";
  size_t body_bytes = size_t{64} << 20;
  Duration timeout = std::chrono::seconds(30);
  // Gives up before that.
  std::stop_token stop = {};
};

// The answer, whatever its status. DeadlineExceeded, ResourceExhausted (larger than body_bytes),
// Unavailable, or InvalidArgument (ca_pem is no PEM), each with what was being done.
absl::StatusOr<HttpAnswer> http_get(const HttpGet& get);

}  // namespace muster::collector
