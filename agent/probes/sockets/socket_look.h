// One look of the probe "sockets": which TCP sockets listen on this host, and whose they are. See
// README.md.
#pragma once

#include <absl/status/statusor.h>

#include <string_view>

#include "agent/probes/sockets/kernel_sockets.h"
#include "muster/v1/section.pb.h"

namespace muster::sockets {

// Sockets in the facts; more are counted.
inline constexpr size_t kMostSockets = 4096;

// `asked` is what the kernel said of the host's own namespace, or why it said nothing; then the
// table's text is taken. `table` as gather_sockets made it. Pure.
v1::Section look_at_sockets(const absl::StatusOr<SocketList>& asked, std::string_view table);

// Asks the kernel, by netlink. Blocks, for as long as the kernel takes.
absl::StatusOr<SocketList> ask_for_sockets();

// The table that the launcher gave this process, or else one that it makes itself, as far as it
// may.
std::string take_socket_table();

}  // namespace muster::sockets
