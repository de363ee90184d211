// Asks name servers for the addresses of one name, by c-ares on an io_context. It opens no file:
// all that it would look for it is told. The only files that include ares.h are this one's. One
// thread owns it; what it was asked may still be under way when it ends, and is then forgotten.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "agent/probes/network/resolver_config.h"

namespace muster::network_probe {

// Of one family; found none if both are empty.
struct NamesAnswer {
  std::vector<boost::asio::ip::address> addresses;
  // Why nobody knows: "Timeout while contacting DNS servers".
  std::string failure;
};

class AresChannel {
 public:
  using Answered = std::function<void(NamesAnswer)>;

  // `port`: of every server; 53 but for tests. The config has at least one server.
  AresChannel(boost::asio::io_context& io, const ResolverConfig& config, uint16_t port);
  ~AresChannel();
  AresChannel(const AresChannel&) = delete;
  AresChannel& operator=(const AresChannel&) = delete;

  // `name` is no address. A name with a dot is whole; one without is looked for in the search list
  // too. `answered` is called once, maybe before this returns, and not after the channel's end.
  void look_up(const std::string& name, bool ipv6, Answered answered);

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace muster::network_probe
