// URLs of RDAP servers, and of where they redirect to. Pure; any thread.
#pragma once

#include <absl/status/statusor.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace muster::domains::rdap {

struct WebUrl {
  bool tls = true;
  std::string host;  // lower case; an IPv6 address without its brackets
  uint16_t port = 443;
  std::string target = "/";  // path and query, as they are sent

  // As one text; the same for two URLs that lead to the same place.
  std::string text() const;
  // Whether both lead to the same server.
  bool same_origin(const WebUrl& other) const;
};

// InvalidArgument unless it is a whole http or https URL of at most 1,024 printable bytes, without
// a user in it. A fragment is left aside: no server sees it.
absl::StatusOr<WebUrl> parse_web_url(std::string_view text);

// A Location (RFC 9110, section 10.2.2), which may be relative to `base`.
absl::StatusOr<WebUrl> resolve_web_url(const WebUrl& base, std::string_view location);

}  // namespace muster::domains::rdap
