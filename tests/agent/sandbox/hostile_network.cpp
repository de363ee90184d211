#include <arpa/inet.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
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

// As many as there may be; `what`: how many a probe that looks at hundreds of targets needs.
Answer make_many(const std::string& count) {
  for (long left = std::strtol(count.c_str(), nullptr, 10); left > 0; --left) {
    if (const Answer answer = make(AF_INET, SOCK_STREAM); !answer.call.empty()) return answer;
  }
  return {};
}

Answer set_option(int level, int option) {
  const int made = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (made < 0) return {"socket", errno};
  const int value = 1;
  return ::setsockopt(made, level, option, &value, sizeof value) != 0 ? Answer{"setsockopt", errno}
                                                                      : Answer{};
}

// As Asio has one not block.
Answer not_block(const std::string&) {
  const int made = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_TCP);
  if (made < 0) return {"socket", errno};
  int value = 1;
  return ::ioctl(made, FIONBIO, &value) != 0 ? Answer{"ioctl", errno} : Answer{};
}

// A datagram to whoever listens, as to a name server: connected and not.
Answer send_datagrams(const std::string& port) {
  const int made = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_UDP);
  if (made < 0) return {"socket", errno};
  const sockaddr_in address = loopback(port);
  const auto* to = reinterpret_cast<const sockaddr*>(&address);
  if (::sendto(made, "x", 1, 0, to, sizeof address) != 1) return {"sendto", errno};
  if (::connect(made, to, sizeof address) != 0) return {"connect", errno};
  sockaddr_storage own{};
  socklen_t size = sizeof own;
  return ::getsockname(made, reinterpret_cast<sockaddr*>(&own), &size) != 0
             ? Answer{"getsockname", errno}
             : Answer{};
}

Answer wait_for_many(const std::string&) {
  const int loop = ::epoll_create1(EPOLL_CLOEXEC);
  if (loop < 0) return {"epoll_create1", errno};
  const int timer = ::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
  if (timer < 0) return {"timerfd_create", errno};
  itimerspec soon{};
  soon.it_value.tv_nsec = 1;
  if (::timerfd_settime(timer, 0, &soon, nullptr) != 0) return {"timerfd_settime", errno};
  epoll_event event{};
  event.events = EPOLLIN;
  if (::epoll_ctl(loop, EPOLL_CTL_ADD, timer, &event) != 0) return {"epoll_ctl", errno};
  return ::epoll_wait(loop, &event, 1, 5000) != 1 ? Answer{"epoll_wait", errno} : Answer{};
}

constexpr auto kActs = std::to_array<Act>({
    {"connect", connect_to},
    {"listen", listen_for_anybody},
    {"datagram", [](const std::string&) { return make(AF_INET, SOCK_DGRAM); }},
    {"datagram-6", [](const std::string&) { return make(AF_INET6, SOCK_DGRAM); }},
    {"sockets", make_many},
    {"no-blocking", not_block},
    {"send-datagrams", send_datagrams},
    {"wait-for-many", wait_for_many},
    {"no-delay", [](const std::string&) { return set_option(IPPROTO_TCP, TCP_NODELAY); }},
    {"bind-to-device", [](const std::string&) { return set_option(SOL_SOCKET, SO_BINDTODEVICE); }},
    {"kernel-tls", [](const std::string&) { return set_option(IPPROTO_TCP, TCP_ULP); }},
    {"multipath", [](const std::string&) { return make(AF_INET, SOCK_STREAM, IPPROTO_MPTCP); }},
    {"streams-of-sctp",
     [](const std::string&) { return make(AF_INET, SOCK_STREAM, IPPROTO_SCTP); }},
    {"ping", [](const std::string&) { return make(AF_INET, SOCK_DGRAM, IPPROTO_ICMP); }},
    {"sequenced", [](const std::string&) { return make(AF_INET, SOCK_SEQPACKET); }},
    {"virtual-machine", [](const std::string&) { return make(AF_VSOCK, SOCK_STREAM); }},
    {"bluetooth", [](const std::string&) { return make(AF_BLUETOOTH, SOCK_STREAM); }},
    {"raw-6", [](const std::string&) { return make(AF_INET6, SOCK_RAW, IPPROTO_ICMPV6); }},
    {"raw", [](const std::string&) { return make(AF_INET, SOCK_RAW, IPPROTO_ICMP); }},
    {"packets", [](const std::string&) { return make(AF_PACKET, SOCK_DGRAM); }},
    {"netlink", [](const std::string&) { return make(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE); }},
    {"socket-list",
     [](const std::string&) { return make(AF_NETLINK, SOCK_RAW, NETLINK_SOCK_DIAG); }},
    {"socket-list-of-another-type",
     [](const std::string&) { return make(AF_NETLINK, SOCK_DGRAM, NETLINK_SOCK_DIAG); }},
    {"audit", [](const std::string&) { return make(AF_NETLINK, SOCK_RAW, NETLINK_AUDIT); }},
    {"abstract-socket", connect_to_abstract},
    {"socket-pair", make_pair},
});

}  // namespace

std::span<const Act> acts_on_the_network() {
  return kActs;
}

}  // namespace muster::hostile
