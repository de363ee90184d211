#include "collector/sync/sync_listener.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "collector/http/address.h"
#include "collector/sync/rejection_log.h"
#include "common/clock.h"
#include "common/log.h"

namespace muster::collector {
namespace {

constexpr int kRetryMilliseconds = 1000;
// Accepted in a row from one address before the others and stop() are looked at.
constexpr int kInARow = 64;

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;
  sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
};

SocketAddress ipv4(const std::string& host, uint16_t port) {
  SocketAddress address;
  auto* const in = reinterpret_cast<sockaddr_in*>(&address.storage);
  in->sin_family = AF_INET;
  in->sin_port = htons(port);
  ::inet_pton(AF_INET, host.c_str(), &in->sin_addr);
  address.size = sizeof(sockaddr_in);
  return address;
}

SocketAddress ipv6(const std::string& host, uint16_t port) {
  SocketAddress address;
  auto* const in = reinterpret_cast<sockaddr_in6*>(&address.storage);
  in->sin6_family = AF_INET6;
  in->sin6_port = htons(port);
  ::inet_pton(AF_INET6, host.c_str(), &in->sin6_addr);
  address.size = sizeof(sockaddr_in6);
  return address;
}

int make_socket(int family) {
  const int made = ::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (made < 0) return made;
  const int yes = 1;
  const int no = 0;
  ::setsockopt(made, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  if (family == AF_INET6) ::setsockopt(made, IPPROTO_IPV6, IPV6_V6ONLY, &no, sizeof no);
  return made;
}

int port_of(int descriptor) {
  SocketAddress bound;
  bound.size = sizeof bound.storage;
  if (::getsockname(descriptor, bound.get(), &bound.size) != 0) return 0;
  // The port is at the same place in both families.
  return ntohs(reinterpret_cast<sockaddr_in*>(&bound.storage)->sin_port);
}

// Descriptors from this one on are for the rest: /metrics, the store, a reload.
int first_reserved() {
  constexpr rlim_t kReserve = 64;
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) limit.rlim_cur = 1024;
  const rlim_t most = std::min<rlim_t>(limit.rlim_cur, 1 << 30);
  return static_cast<int>(most - std::min(kReserve, most / 8));
}

void log_shortage(std::string_view why) {
  // Whoever holds all descriptors comes back every second.
  static RejectionLog repeated;
  if (!repeated.should_log("", "descriptors", SystemClock().now())) return;
  log_error(
      "cannot take more agents: each holds an open file, and no more are allowed. Those that are "
      "connected stay, the others try again. Raise LimitNOFILE= of the unit (systemctl edit "
      "muster-collector), or the hard limit of open files (ulimit -Hn), and restart",
      {{"error", std::string(why)}, {"limit", first_reserved()}});
}

}  // namespace

absl::StatusOr<std::unique_ptr<SyncListener>> SyncListener::listen(
    const std::vector<std::string>& addresses) {
  std::unique_ptr<SyncListener> listener(new SyncListener());
  listener->wake_ = ::eventfd(0, EFD_CLOEXEC);
  for (const std::string& address : addresses) {
    if (absl::Status added = listener->add(address); !added.ok()) return added;
  }
  return listener;
}

absl::Status SyncListener::add(const std::string& address) {
  const absl::StatusOr<http::ListenAddress> parsed = http::parse_listen_address(address);
  if (!parsed.ok()) return parsed.status();
  SocketAddress socket_address =
      parsed->is_v6 ? ipv6(parsed->host, parsed->port) : ipv4(parsed->host, parsed->port);
  int made = make_socket(parsed->is_v6 ? AF_INET6 : AF_INET);
  if (made < 0 && errno == EAFNOSUPPORT && parsed->host == "::") {
    // A kernel without IPv6: every address means those of IPv4.
    socket_address = ipv4("0.0.0.0", parsed->port);
    made = make_socket(AF_INET);
  }
  if (made >= 0) listening_.push_back(made);
  if (made < 0 || ::bind(made, socket_address.get(), socket_address.size) != 0 ||
      ::listen(made, SOMAXCONN) != 0) {
    const int error = errno;
    return absl::UnavailableError(
        fmt::format("cannot listen on {} for agents ({}): is the port in use (`ss -ltnp`), or the "
                    "address not this host's? See grpc_listen in collector.yml",
                    address, strerror(error)));
  }
  ports_.push_back(port_of(made));
  return absl::OkStatus();
}

SyncListener::~SyncListener() {
  stop();
  for (const int listening : listening_)
    ::close(listening);
  if (wake_ >= 0) ::close(wake_);
}

void SyncListener::start(Accept accept, std::function<void()> refused) {
  accept_ = std::move(accept);
  refused_ = std::move(refused);
  thread_ = std::thread([this] { work(); });
}

void SyncListener::stop() {
  if (!thread_.joinable()) return;
  ::eventfd_write(wake_, 1);
  thread_.join();
}

void SyncListener::work() {
  std::vector<pollfd> all{{.fd = wake_, .events = POLLIN, .revents = 0}};
  for (const int listening : listening_)
    all.push_back({.fd = listening, .events = POLLIN, .revents = 0});
  bool is_short = false;
  while (true) {
    // In a shortage only stop() is waited for, and time: the sockets would be ready at once.
    const nfds_t watched = is_short ? 1 : all.size();
    if (::poll(all.data(), watched, is_short ? kRetryMilliseconds : -1) < 0 && errno != EINTR) {
      return log_error("cannot wait for agents any more", {{"error", strerror(errno)}});
    }
    if (all.front().revents != 0) return;
    is_short = false;
    for (const int listening : listening_)
      is_short = !accept_some(listening) || is_short;
  }
}

bool SyncListener::accept_some(int listening) {
  for (int i = 0; i < kInARow; ++i) {
    const int accepted = ::accept4(listening, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (accepted < 0) {
      if (errno == EAGAIN) return true;
      // accept(2): errors of the network come with the connection they are of.
      if (errno == EINTR || errno == ECONNABORTED || errno == EPROTO || errno == EPERM) continue;
      log_shortage(strerror(errno));
      return false;
    }
    if (accepted >= first_reserved()) {
      ::close(accepted);
      refused_();
      log_shortage("nearly all open files are in use");
      continue;
    }
    const int yes = 1;
    ::setsockopt(accepted, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    accept_(accepted);
  }
  return true;
}

}  // namespace muster::collector
