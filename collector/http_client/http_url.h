// An http or https URL, as far as a request needs it. Pure; any thread.
#pragma once

#include <absl/status/statusor.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace muster::collector {

struct HttpUrl {
  bool tls = true;
  // A name or an IP address, an IPv6 one without its brackets.
  std::string host;
  uint16_t port = 443;
  // Path and query, percent-encoded: "/hosts?site=fra".
  std::string target = "/";

  // As "Host:" has it: the port where it is not the usual one.
  std::string authority() const;
  // For people, logs and metrics: without the query, where a site may have put a secret.
  std::string shown() const;
};

// InvalidArgument, with what is expected: at most 2,000 bytes, and no user or password in it (they
// would be shown wherever the URL is).
absl::StatusOr<HttpUrl> parse_http_url(std::string_view text);

}  // namespace muster::collector
