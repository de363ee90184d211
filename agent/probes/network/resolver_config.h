// resolv.conf(5) and hosts(5) as values. A network probe sees no files: it is given these two open,
// and hands what they say to the resolver. Pure; any thread.
#pragma once

#include <boost/asio/ip/address.hpp>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace muster::network_probe {

// More than this of either file is not read.
inline constexpr size_t kResolverFileLimit = 4 << 20;

struct ResolverConfig {
  struct Server {
    boost::asio::ip::address address;
    // Of a link-local one (fe80::1%eth0): where it is. Else empty.
    std::string zone;

    bool operator==(const Server&) const = default;
  };
  // In their order; the first three of the file, as libc takes them.
  std::vector<Server> servers;
  // What is tried behind a name without a dot; at most 32.
  std::vector<std::string> search;
  int timeout_seconds = 5;
  int attempts = 2;
  bool rotate = false;
  bool edns = false;
  bool tcp = false;
};

// What libc makes of it, as far as it is about looking up addresses: lines that it does not know
// count for nothing, of `search` and `domain` the last one holds. ndots is not taken: a name with a
// dot is a whole name, so that another's search list never has it lead elsewhere.
ResolverConfig parse_resolver_config(std::string_view text);

// Names in lower case, without a dot at the end.
using HostsFile = std::map<std::string, std::vector<boost::asio::ip::address>>;

// The addresses of those of `names` that the file has; of each at most 16.
HostsFile parse_hosts_file(std::string_view text, const std::set<std::string>& names);

// As names are compared: lower case, without a dot at the end.
std::string plain_name(std::string_view name);

}  // namespace muster::network_probe
