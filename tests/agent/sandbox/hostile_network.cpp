#include <arpa/inet.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>

#include "tests/agent/sandbox/hostile_acts.h"

namespace muster::hostile {
namespace {

sockaddr_in loopback(const std::string& port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<uint16_t>(std::strtol(port.c_str(), nullptr, 10)));
  return address;
}

Answer make(int family, int type, int protocol = 0) {
  const int made = ::socket(family, type | SOCK_CLOEXEC, protocol);
  return made < 0 ? Answer{"socket", errno} : Answer{};
}

// `port` of this machine, where somebody listens.
Answer connect_to(const std::string& port) {
  const int made = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (made < 0) return {"socket", errno};
  const sockaddr_in address = loopback(port);
  if (::connect(made, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return {"connect", errno};
  }
  return {};
}

Answer listen_for_anybody(const std::string&) {
  const int made = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (made < 0) return {"socket", errno};
  const sockaddr_in address = loopback("0");
  if (::bind(made, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return {"bind", errno};
  }
  return ::listen(made, 1) != 0 ? Answer{"listen", errno} : Answer{};
}

Answer connect_to_abstract(const std::string& name) {
  const int made = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (made < 0) return {"socket", errno};
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  name.copy(address.sun_path + 1, sizeof address.sun_path - 1);
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
  if (::connect(made, reinterpret_cast<const sockaddr*>(&address), size) != 0) {
    return {"connect", errno};
  }
  return {};
}

Answer make_pair(const std::string&) {
  std::array<int, 2> ends{};
  return ::socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()) != 0 ? Answer{"socketpair", errno}
                                                                 : Answer{};
}

constexpr auto kActs = std::to_array<Act>({
    {"connect", connect_to},
    {"listen", listen_for_anybody},
    {"datagram", [](const std::string&) { return make(AF_INET, SOCK_DGRAM); }},
    {"datagram-6", [](const std::string&) { return make(AF_INET6, SOCK_DGRAM); }},
    {"raw", [](const std::string&) { return make(AF_INET, SOCK_RAW, IPPROTO_ICMP); }},
    {"packets", [](const std::string&) { return make(AF_PACKET, SOCK_DGRAM); }},
    {"netlink", [](const std::string&) { return make(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE); }},
    {"abstract-socket", connect_to_abstract},
    {"socket-pair", make_pair},
});

}  // namespace

std::span<const Act> acts_on_the_network() {
  return kActs;
}

}  // namespace muster::hostile
