// Addresses as people write them: "collector.example.org:8433", "192.0.2.1:8433", "[::1]:8433",
// "https://collector.example.org:8443", "http://proxy:3128". Pure; any thread.
#pragma once

#include <absl/status/statusor.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace muster {

struct Address {
  // A host name or an IP address, an IPv6 one without its brackets.
  std::string host;
  uint16_t port = 0;

  // As it is written, with brackets where they are needed.
  std::string text() const;
  bool operator==(const Address&) const = default;
};

// InvalidArgument, with what is expected in the message, unless the text is host:port with a port
// from 1 to 65535.
absl::StatusOr<Address> parse_address(std::string_view text);

// `scheme`://host[:port][/]; `default_port` where none is written. User names, paths and queries
// are refused.
absl::StatusOr<Address> parse_url(std::string_view text, std::string_view scheme,
                                  uint16_t default_port);

}  // namespace muster
