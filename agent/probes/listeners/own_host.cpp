#include "agent/probes/listeners/own_host.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/udp.hpp>

namespace muster::listeners {

namespace ip = boost::asio::ip;

bool is_own_address(const ip::address& address) {
  if (address.is_unspecified() || address.is_multicast()) return false;
  if (address.is_loopback()) return true;
  boost::asio::io_context io;
  boost::system::error_code error;
  // Connecting a socket of UDP asks the routes, and sends nothing. Its own end is then what would
  // be the source: the destination itself only where that is this host.
  constexpr unsigned short kDiscard = 9;
  const ip::udp::endpoint there(address, kDiscard);
  ip::udp::socket socket(io);
  socket.open(there.protocol(), error);
  if (error) return false;
  socket.connect(there, error);
  if (error) return false;
  const ip::udp::endpoint here = socket.local_endpoint(error);
  return !error && here.address() == address;
}

}  // namespace muster::listeners
