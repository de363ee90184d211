// One question of DNS and its answer over a socket. An answer counts if it has the question's
// number and comes from whom it was asked. One thread.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/address.hpp>
#include <cstdint>
#include <string>

#include "agent/probes/zone/asker.h"
#include "common/clock.h"

namespace muster::zone {

struct Exchange {
  boost::asio::ip::address address;
  uint16_t port = 0;
  // A whole message; its number is that of its first two bytes.
  std::string question;
  Duration at_most{0};
};

// Asks once.
boost::asio::awaitable<Reply> exchange_by_udp(Exchange exchange);
boost::asio::awaitable<Reply> exchange_by_tcp(Exchange exchange);

}  // namespace muster::zone
