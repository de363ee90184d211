#include "agent/probes/network/ares_channel.h"

#include <ares.h>
#include <fmt/format.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdlib>
#include <cstring>
#include <map>
#include <utility>

namespace muster::network_probe {
namespace {

namespace asio = boost::asio;
namespace ip = boost::asio::ip;
using Descriptor = asio::posix::stream_descriptor;

constexpr int kEdnsPacket = 1232;  // fits one packet wherever IPv6 goes

struct FreeAddresses {
  void operator()(ares_addrinfo* info) const { ::ares_freeaddrinfo(info); }
};

std::vector<ip::address> addresses_of(const ares_addrinfo* info) {
  std::vector<ip::address> addresses;
  for (const ares_addrinfo_node* node = info == nullptr ? nullptr : info->nodes; node != nullptr;
       node = node->ai_next) {
    if (node->ai_family == AF_INET) {
      sockaddr_in address{};
      std::memcpy(&address, node->ai_addr, sizeof address);
      addresses.emplace_back(ip::address_v4(ntohl(address.sin_addr.s_addr)));
    } else if (node->ai_family == AF_INET6) {
      sockaddr_in6 address{};
      ip::address_v6::bytes_type bytes;
      std::memcpy(&address, node->ai_addr, sizeof address);
      std::memcpy(bytes.data(), &address.sin6_addr, bytes.size());
      addresses.emplace_back(ip::address_v6(bytes));
    }
  }
  return addresses;
}

// Without /dev/urandom, which a network probe does not see, c-ares draws the numbers of its
// questions from rand(3).
void seed_rand() {
  unsigned seed = 0;
  if (::getrandom(&seed, sizeof seed, 0) == sizeof seed) std::srand(seed);
}

}  // namespace

struct AresChannel::Implementation {
  // A socket of c-ares, which closes it itself.
  struct Watched {
    Watched(asio::io_context& io, int socket, uint64_t which)
        : descriptor(io, socket), number(which) {}
    ~Watched() { descriptor.release(); }
    Watched(const Watched&) = delete;
    Watched& operator=(const Watched&) = delete;

    Descriptor descriptor;
    // A socket's own number comes again when it was closed.
    uint64_t number;
    bool wants_read = false;
    bool wants_write = false;
    bool waits_read = false;
    bool waits_write = false;
  };
  struct Question {
    Answered answered;
  };

  Implementation(asio::io_context& io, const ResolverConfig& config, uint16_t port)
      : io_(io), timer_(io) {
    seed_rand();
    std::vector<char*> search;
    for (const std::string& domain : config.search)
      search.push_back(const_cast<char*>(domain.c_str()));
    char lookups[] = "b";  // no files
    ares_options options{};
    options.flags = ARES_FLAG_NOALIASES | (config.edns ? ARES_FLAG_EDNS : 0) |
                    (config.tcp ? ARES_FLAG_USEVC : 0);
    options.timeout = config.timeout_seconds * 1000;
    options.tries = config.attempts;
    options.ndots = 1;
    options.domains = search.data();
    options.ndomains = static_cast<int>(search.size());
    options.lookups = lookups;
    options.ednspsz = kEdnsPacket;
    options.sock_state_cb = &Implementation::on_state;
    options.sock_state_cb_data = this;
    // All of them, an empty sort list and no servers too, so that it looks nowhere itself.
    const int mask = ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_NDOTS |
                     ARES_OPT_DOMAINS | ARES_OPT_LOOKUPS | ARES_OPT_SORTLIST | ARES_OPT_SERVERS |
                     ARES_OPT_EDNSPSZ | ARES_OPT_SOCK_STATE_CB |
                     (config.rotate ? ARES_OPT_ROTATE : ARES_OPT_NOROTATE);
    status_ = ::ares_init_options(&channel_, &options, mask);
    if (status_ == ARES_SUCCESS) set_servers(config, port);
  }

  ~Implementation() {
    if (channel_ != nullptr) ::ares_destroy(channel_);
  }
  Implementation(const Implementation&) = delete;
  Implementation& operator=(const Implementation&) = delete;

  void set_servers(const ResolverConfig& config, uint16_t port) {
    std::vector<ares_addr_port_node> nodes(config.servers.size());
    for (size_t i = 0; i < nodes.size(); ++i) {
      ares_addr_port_node& node = nodes[i];
      const ResolverConfig::Server& server = config.servers[i];
      node.next = i + 1 < nodes.size() ? &nodes[i + 1] : nullptr;
      node.udp_port = node.tcp_port = port;
      if (server.address.is_v4()) {
        node.family = AF_INET;
        node.addr.addr4.s_addr = htonl(server.address.to_v4().to_uint());
      } else {
        node.family = AF_INET6;
        const auto bytes = server.address.to_v6().to_bytes();
        std::memcpy(&node.addr.addr6, bytes.data(), bytes.size());
        if (!server.zone.empty()) zones_[bytes] = server.zone;
      }
    }
    status_ = ::ares_set_servers_ports(channel_, nodes.data());
    // c-ares 1.18 knows no zones: a link-local server's is put in where it connects.
    static constexpr ares_socket_functions kFunctions = {
        .asocket =
            [](int family, int type, int protocol, void*) {
              return ::socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);
            },
        .aclose = [](ares_socket_t socket, void*) { return ::close(socket); },
        .aconnect = &Implementation::connect_in_zone,
        .arecvfrom = [](ares_socket_t socket, void* data, size_t size, int flags, sockaddr* from,
                        ares_socklen_t* length, void*) -> ares_ssize_t {
          return ::recvfrom(socket, data, size, flags, from, length);
        },
        .asendv = [](ares_socket_t socket, const iovec* pieces, int count, void*) -> ares_ssize_t {
          return ::writev(socket, pieces, count);
        },
    };
    if (!zones_.empty()) ::ares_set_socket_functions(channel_, &kFunctions, this);
  }

  static int connect_in_zone(ares_socket_t socket, const sockaddr* to, ares_socklen_t length,
                             void* self) {
    const auto& zones = static_cast<Implementation*>(self)->zones_;
    sockaddr_in6 address{};
    if (to->sa_family != AF_INET6 || length != sizeof address) {
      return ::connect(socket, to, length);
    }
    std::memcpy(&address, to, sizeof address);
    ip::address_v6::bytes_type bytes;
    std::memcpy(bytes.data(), &address.sin6_addr, bytes.size());
    const auto zone = zones.find(bytes);
    if (zone != zones.end()) {
      const auto number = static_cast<uint32_t>(std::strtoul(zone->second.c_str(), nullptr, 10));
      address.sin6_scope_id = number != 0 ? number : ::if_nametoindex(zone->second.c_str());
    }
    return ::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address);
  }

  static void on_state(void* self, ares_socket_t socket, int readable, int writable) {
    static_cast<Implementation*>(self)->watch(socket, readable != 0, writable != 0);
  }

  void watch(int socket, bool readable, bool writable) {
    if (!readable && !writable) {
      watched_.erase(socket);
      return;
    }
    Watched& watched = watched_.try_emplace(socket, io_, socket, next_number_++).first->second;
    watched.wants_read = readable;
    watched.wants_write = writable;
    wait_for(watched);
  }

  void wait_for(Watched& watched) {
    const auto wait = [&](bool wanted, bool& waits, Descriptor::wait_type type) {
      if (!wanted || waits) return;
      waits = true;
      watched.descriptor.async_wait(
          type, [this, socket = watched.descriptor.native_handle(), number = watched.number,
                 type](const boost::system::error_code& error) {
            if (!error) ready(socket, number, type);
          });
    };
    wait(watched.wants_read, watched.waits_read, Descriptor::wait_read);
    wait(watched.wants_write, watched.waits_write, Descriptor::wait_write);
  }

  Watched* find(int socket, uint64_t number) {
    const auto found = watched_.find(socket);
    return found == watched_.end() || found->second.number != number ? nullptr : &found->second;
  }

  void ready(int socket, uint64_t number, Descriptor::wait_type type) {
    Watched* watched = find(socket, number);
    if (watched == nullptr) return;
    const bool read = type == Descriptor::wait_read;
    (read ? watched->waits_read : watched->waits_write) = false;
    ::ares_process_fd(channel_, read ? socket : ARES_SOCKET_BAD, read ? ARES_SOCKET_BAD : socket);
    // It may have closed it.
    watched = find(socket, number);
    if (watched != nullptr) wait_for(*watched);
    set_timer();
  }

  void set_timer() {
    timeval buffer{};
    const timeval* left = ::ares_timeout(channel_, nullptr, &buffer);
    if (left == nullptr) {
      timer_.cancel();
      return;
    }
    // Rounded up, so that it is over when the timer is.
    timer_.expires_after(std::chrono::seconds(left->tv_sec) +
                         std::chrono::microseconds(left->tv_usec) + std::chrono::milliseconds(1));
    timer_.async_wait([this](const boost::system::error_code& error) {
      if (error) return;
      ::ares_process_fd(channel_, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
      set_timer();
    });
  }

  static void on_answer(void* question, int status, int /*timeouts*/, ares_addrinfo* info) {
    const std::unique_ptr<ares_addrinfo, FreeAddresses> owned_info(info);
    const std::unique_ptr<Question> owned(static_cast<Question*>(question));
    if (status == ARES_EDESTRUCTION) return;
    NamesAnswer answer;
    if (status == ARES_SUCCESS) {
      answer.addresses = addresses_of(info);
    } else if (status != ARES_ENOTFOUND && status != ARES_ENODATA) {
      answer.failure = ::ares_strerror(status);
    }
    owned->answered(std::move(answer));
  }

  void look_up(const std::string& name, bool ipv6, Answered answered) {
    if (status_ != ARES_SUCCESS)
      return answered({.addresses = {}, .failure = ares_strerror(status_)});
    ares_addrinfo_hints hints{};
    hints.ai_family = ipv6 ? AF_INET6 : AF_INET;
    // Sorting would try each address.
    hints.ai_flags = ARES_AI_NOSORT;
    // What ends with a dot is looked for nowhere else.
    const bool is_whole = name.find('.') != std::string::npos && !name.ends_with('.');
    ::ares_getaddrinfo(channel_, (is_whole ? name + "." : name).c_str(), nullptr, &hints,
                       &Implementation::on_answer, new Question{std::move(answered)});
    set_timer();
  }

  asio::io_context& io_;
  ares_channel channel_ = nullptr;
  int status_ = ARES_SUCCESS;
  std::map<ip::address_v6::bytes_type, std::string> zones_;
  uint64_t next_number_ = 0;
  std::map<int, Watched> watched_;
  asio::steady_timer timer_;
};

AresChannel::AresChannel(asio::io_context& io, const ResolverConfig& config, uint16_t port)
    : implementation_(std::make_unique<Implementation>(io, config, port)) {}

AresChannel::~AresChannel() = default;

void AresChannel::look_up(const std::string& name, bool ipv6, Answered answered) {
  implementation_->look_up(name, ipv6, std::move(answered));
}

}  // namespace muster::network_probe
