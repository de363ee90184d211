// TCP sockets that listen, as the kernel tells of them: by sock_diag(7), or in the lines of
// /proc/net/tcp and tcp6. Pure; any thread.
#pragma once

#include <absl/status/statusor.h>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agent/probes/netlink_messages.h"

namespace muster::sockets {

struct KernelSocket {
  // "0.0.0.0", "::1"; an IPv4 address mapped into IPv6 is an IPv4 address.
  std::string address;
  uint16_t port = 0;
  uint64_t inode = 0;
  // Of one at "::": whether it takes IPv4 as well, as far as it was told.
  bool both_families = false;
};

// Sockets that are taken from one list; more are counted.
inline constexpr size_t kMostListed = 65'536;

struct SocketList {
  std::vector<KernelSocket> sockets;
  size_t omitted = 0;
  // Whether the list goes on where it was cut off: it ends within what listens.
  bool cut = false;

  void add(KernelSocket socket);
};

// Adds what one datagram of the kernel's answer tells: inet_diag_msg with its attributes.
// InvalidArgument if it is no such answer; Unavailable with the kernel's error if it says one.
absl::StatusOr<netlink::Step> parse_socket_dump(std::string_view datagram, SocketList& list);

// Of a text of at most `limit` bytes; one that is as long is taken for cut. Lines that make no
// sense are left out.
SocketList parse_tcp_table(std::string_view text, size_t limit);

// Of 4 or 16 bytes in network order; empty for another size.
std::string address_text(std::span<const uint8_t> bytes);

}  // namespace muster::sockets
