// IP addresses as text: what to listen on, who is on this machine, who counts as one for a limit.
// Pure; any thread.
#pragma once

#include <absl/status/statusor.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace muster::collector::http {

struct ListenAddress {
  // An IP address without brackets.
  std::string host;
  uint16_t port = 0;
  bool is_v6 = false;
};

// "127.0.0.1:8443", "[::1]:8443". InvalidArgument says how it should look.
absl::StatusOr<ListenAddress> parse_listen_address(std::string_view text);

// The shortest text of an address; an IPv4 address within IPv6 ("::ffff:192.0.2.1") as IPv4. What
// is no address stays as it is.
std::string canonical_address(std::string_view address);

// 127.0.0.0/8, ::1, and 127.0.0.0/8 within IPv6.
bool is_loopback_address(std::string_view address);

// What limits count by: an IPv4 address, or an IPv6 network of 64 bits, since a host there has as
// many addresses as it likes.
std::string address_block(std::string_view address);

}  // namespace muster::collector::http
