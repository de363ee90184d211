// One HTTPS request, for enrolment. The server is checked by the caller, on the chain it presents,
// before a byte of the request leaves. Blocks for at most the time-out.
#pragma once

#include <absl/status/status.h>
#include <absl/status/statusor.h>
#include <openssl/x509.h>

#include <functional>
#include <stop_token>
#include <string>

#include "common/address.h"
#include "common/clock.h"

namespace muster::agent {

struct HttpsPost {
  Address server;
  // Through which the connection goes, by CONNECT; an empty host for none.
  Address proxy;
  // The IP address of this host that the connection comes from; empty: the system chooses.
  std::string local_address;
  // "/api/v1/enroll".
  std::string path;
  // JSON.
  std::string body;
  // Takes the chain as the server presented it, leaf first.
  std::function<absl::Status(STACK_OF(X509) * chain)> check_server;
  Duration timeout = std::chrono::seconds(30);
  // Gives up before that.
  std::stop_token stop = {};
};

struct HttpsAnswer {
  unsigned status = 0;
  // At most 1 MiB.
  std::string body;
};

// Unavailable, DeadlineExceeded or what check_server said, each with what was being done.
absl::StatusOr<HttpsAnswer> post_json(const HttpsPost& post);

}  // namespace muster::agent
