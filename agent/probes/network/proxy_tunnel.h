// A way through an HTTP proxy (RFC 9110, 9.3.6): what is asked of it, and what it answers. Its
// bytes are foreign and bounded; those behind its answer are the target's, and are left on the
// socket.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <string>
#include <string_view>

#include "common/address.h"
#include "common/clock.h"

namespace muster::agent {
struct Credential;
}  // namespace muster::agent

namespace muster::network_probe {

// Of a proxy's answer before the target's first byte.
inline constexpr size_t kMostProxyBytes = size_t{16} << 10;

// What a proxy answers to CONNECT. Pure.
class ProxyAnswer {
 public:
  enum class State {
    kIncomplete,
    kConnected,
    // Its status line, or what is wrong with its answer: words().
    kRefused,
  };

  // Takes of what came as much as is the answer's, and says how much that was: all but what is
  // behind its end. Not called again after another state than kIncomplete.
  size_t take(std::string_view bytes);
  State state() const { return state_; }
  // Printable, at most 256 bytes: "HTTP/1.1 403 Filtered".
  const std::string& words() const { return words_; }

 private:
  void finish();

  std::string answer_;
  State state_ = State::kIncomplete;
  std::string words_;
};

// "CONNECT www.example.org:443 HTTP/1.1" and all that follows. `credential`: for the proxy; null
// for none.
std::string connect_request(const Address& target, const agent::Credential* credential);

struct Tunnel {
  enum class End { kConnected, kRefused, kTimedOut, kClosed };
  End end = End::kClosed;
  std::string words = {};
};

// Asks for it on a socket that is connected to the proxy.
boost::asio::awaitable<Tunnel> open_tunnel(boost::asio::ip::tcp::socket& socket,
                                           std::string request, Duration at_most);

}  // namespace muster::network_probe
