// From a name to its addresses, once in a run: hosts(5) first, then name servers. However many
// targets have the name, it is asked for once, and each waits no longer than its own time. One
// thread owns it; it outlives who waits.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "agent/probes/network/ares_channel.h"
#include "agent/probes/network/boottime_timer.h"
#include "agent/probes/network/resolver_config.h"

namespace muster::network_probe {

// Addresses: it was found. Neither: there is no such name, or none with an address.
struct Resolution {
  // IPv6 and IPv4 in turn (RFC 8305), each family as it was answered.
  std::vector<boost::asio::ip::address> addresses;
  // Why it could not be looked up, and where.
  std::string failure;
};

class NameResolver {
 public:
  // What it is told of this host.
  struct Sources {
    ResolverConfig config;
    HostsFile hosts;
    // The whole file, for names that were not known when `hosts` was read.
    std::string hosts_text = {};
    uint16_t port = 53;
  };

  NameResolver(boost::asio::io_context& io, Sources sources, const Clock& clock);

  // Until then, an uptime.
  boost::asio::awaitable<Resolution> resolve(std::string name, Duration until);
  // The same of a name that came up in a look: a responder's, a proxy's.
  boost::asio::awaitable<Resolution> resolve_other(std::string name, Duration until);

  // Whom it asks, and at which port.
  const ResolverConfig& config() const { return sources_.config; }
  uint16_t port() const { return sources_.port; }

 private:
  struct Entry {
    int awaited = 2;
    NamesAnswer ipv4;
    NamesAnswer ipv6;
    // Of coroutines that wait.
    std::set<BoottimeTimer*> waiters;

    bool has_addresses() const { return !ipv4.addresses.empty() || !ipv6.addresses.empty(); }
  };
  void ask(const std::string& name, Entry& entry);
  Resolution resolution_of(const Entry& entry, const std::string& name) const;
  std::string servers_text() const;

  boost::asio::io_context& io_;
  const Clock& clock_;
  const Sources sources_;
  HostsFile hosts_;
  // Other names that the file was read for.
  std::set<std::string> others_;
  std::map<std::string, Entry> entries_;
  // Last: it is gone before what it would answer to. None without a name server.
  std::optional<AresChannel> channel_;
};

}  // namespace muster::network_probe
