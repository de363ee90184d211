// Whether an address is this host's own: the one rule of where this probe dials.
#pragma once

#include <boost/asio/ip/address.hpp>

namespace muster::listeners {

// By the kernel's routes: what it would send to itself, from that very address. Loopback always is;
// multicast, broadcast and what is routed elsewhere never. Nothing is sent. Any thread.
bool is_own_address(const boost::asio::ip::address& address);

}  // namespace muster::listeners
