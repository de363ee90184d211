// What a collector may have this agent look at from outside: `targets.allow` of the root-owned
// configuration. Empty, which is the default, it is nothing. A collector that has been taken over
// aims agents nowhere else. Pure; any thread.
#pragma once

#include <absl/status/statusor.h>

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/network_v4.hpp>
#include <boost/asio/ip/network_v6.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "common/address.h"

namespace muster::agent {

// One entry of the list: a target fits if its name or its address and its port and kind do.
struct AllowedTargets {
  using Network = std::variant<boost::asio::ip::network_v4, boost::asio::ip::network_v6>;
  std::vector<Network> networks;
  // Lower-case: "www.example.org", or "*.example.org" for every name below it.
  std::vector<std::string> names;
  // At least one, but where all kinds are of domains. Of these it says where the servers may be
  // that are asked about a domain; none: at any port.
  std::vector<uint16_t> ports;
  // Names of all_target_kinds(); empty: every kind but those of domains.
  std::vector<std::string> kinds = {};
  // The HTTP proxy through which targets that fit by name are reached; nothing of them is resolved
  // or dialled here. Unset: directly.
  std::optional<Address> proxy = {};
  bool operator==(const AllowedTargets&) const = default;
};

// Whether the network has the address, as it is: no IPv6 network has an IPv4 address, and none has
// one with a zone.
bool contains(const AllowedTargets::Network& network, const boost::asio::ip::address& address);

// "192.0.2.0/24", "2001:db8::/32" or one address. InvalidArgument with what is wrong: no network,
// or one with host bits.
absl::StatusOr<AllowedTargets::Network> parse_network(std::string_view text);
// InvalidArgument unless it is a name, or "*." and a name.
absl::StatusOr<std::string> parse_allowed_name(std::string_view text);

// Whether a target of this kind is in the list. One of a domain has the port 0. A name is compared
// as a name, and an address as an address; where a name leads is asked below. An IPv4 address in
// IPv6's clothes (::ffff:192.0.2.1) is the IPv4 address; one with a zone (fe80::1%eth0) is in no
// network.
bool is_allowed(const std::vector<AllowedTargets>& list, const Address& target,
                std::string_view kind);

// The proxy of the first entry that lists the target by its name, with its port and kind; null if
// that has none, or there is no such entry.
const Address* proxy_of(const std::vector<AllowedTargets>& list, const Address& target,
                        std::string_view kind);

// Whether a target of the list may be looked at where its name leads: in the networks of any entry
// with that port and kind; and if an entry with that port and kind lists the name, wherever an
// address is everybody's (global_addresses.h). So nobody who writes a name's addresses reaches what
// only this host can: itself, its neighbours, its cloud's metadata. Never where it is reached
// through a proxy.
bool may_lead_to(const std::vector<AllowedTargets>& list, const Address& target,
                 const boost::asio::ip::address& resolved, std::string_view kind);

// Whether a server that is asked about domains of this kind, a registry's or a name server, may be
// asked at this address and port: where the address is everybody's, and in the networks of any
// entry that names the kind and has the port, or no ports.
bool may_ask_server(const std::vector<AllowedTargets>& list,
                    const boost::asio::ip::address& resolved, uint16_t port, std::string_view kind);

}  // namespace muster::agent
