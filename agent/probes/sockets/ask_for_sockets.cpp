// What the kernel is asked, and the table that comes with the probe.
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "agent/probes/sockets/socket_look.h"
#include "agent/sandbox/process_table.h"
#include "agent/sandbox/socket_table.h"
#include "common/descriptor.h"
#include "common/files.h"

namespace muster::sockets {
namespace {

struct Request {
  nlmsghdr header{};
  inet_diag_req_v2 sockets{};
};
static_assert(sizeof(Request) == sizeof(nlmsghdr) + sizeof(inet_diag_req_v2));

Request request_of(uint8_t family) {
  Request request;
  request.header.nlmsg_len = sizeof request;
  request.header.nlmsg_type = SOCK_DIAG_BY_FAMILY;
  request.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
  request.sockets.sdiag_family = family;
  request.sockets.sdiag_protocol = IPPROTO_TCP;
  request.sockets.idiag_states = 1U << TCP_LISTEN;
  return request;
}

absl::Status ask(int socket, uint8_t family, SocketList& list) {
  sockaddr_nl kernel{};
  kernel.nl_family = AF_NETLINK;
  const Request request = request_of(family);
  if (::sendto(socket, &request, sizeof request, 0, reinterpret_cast<const sockaddr*>(&kernel),
               sizeof kernel) < 0) {
    return errno_status(errno, "asking the kernel for sockets");
  }
  std::array<char, 1 << 16> block{};
  for (;;) {
    sockaddr_nl sender{};
    socklen_t size = sizeof sender;
    const ssize_t count = ::recvfrom(socket, block.data(), block.size(), MSG_TRUNC,
                                     reinterpret_cast<sockaddr*>(&sender), &size);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return errno_status(errno, "hearing which sockets there are");
    if (static_cast<size_t>(count) > block.size()) {
      return errno_status(EMSGSIZE, "hearing which sockets there are");
    }
    // Any process may send to it.
    if (sender.nl_pid != 0) continue;
    const absl::StatusOr<netlink::Step> step =
        parse_socket_dump({block.data(), static_cast<size_t>(count)}, list);
    if (!step.ok()) return step.status();
    if (*step == netlink::Step::kDone) return absl::OkStatus();
  }
}

}  // namespace

absl::StatusOr<SocketList> ask_for_sockets() {
  const Descriptor socket(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG));
  if (socket.get() < 0) return errno_status(errno, "making a socket to ask the kernel");
  SocketList list;
  for (const uint8_t family : {AF_INET, AF_INET6}) {
    if (absl::Status asked = ask(socket.get(), family, list); !asked.ok()) return asked;
  }
  return list;
}

std::string take_socket_table() {
  struct stat status {};
  if (::fstat(agent::kProcessTableDescriptor, &status) != 0 || !S_ISREG(status.st_mode)) {
    return agent::gather_sockets("/proc");
  }
  std::string table(static_cast<size_t>(status.st_size), '\0');
  size_t size = 0;
  while (size < table.size()) {
    const ssize_t count = ::pread(agent::kProcessTableDescriptor, table.data() + size,
                                  table.size() - size, static_cast<off_t>(size));
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) break;
    size += static_cast<size_t>(count);
  }
  table.resize(size);
  return table;
}

}  // namespace muster::sockets
