// What a collector may have this agent look at from outside: `targets.allow` of the root-owned
// configuration. Empty, which is the default, it is nothing. A collector that has been taken over
// aims agents nowhere else. Pure; any thread.
#pragma once

#include <absl/status/statusor.h>

#include <boost/asio/ip/network_v4.hpp>
#include <boost/asio/ip/network_v6.hpp>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "common/address.h"

namespace muster::agent {

// One entry of the list: a target fits if its name or its address and its port do.
struct AllowedTargets {
  using Network = std::variant<boost::asio::ip::network_v4, boost::asio::ip::network_v6>;
  std::vector<Network> networks;
  // Lower-case: "www.example.org", or "*.example.org" for every name below it.
  std::vector<std::string> names;
  // At least one.
  std::vector<uint16_t> ports;
  // Names of all_target_kinds(); empty: every kind.
  std::vector<std::string> kinds = {};
};

// "192.0.2.0/24", "2001:db8::/32" or one address. InvalidArgument with what is wrong: no network,
// or one with host bits.
absl::StatusOr<AllowedTargets::Network> parse_network(std::string_view text);
// InvalidArgument unless it is a name, or "*." and a name.
absl::StatusOr<std::string> parse_allowed_name(std::string_view text);

// Whether a target is in the list. A name is compared as a name, and an address as an address: one
// that a name was resolved to is not asked for here. An IPv4 address in IPv6's clothes
// (::ffff:192.0.2.1) is the IPv4 address; one with a zone (fe80::1%eth0) is in no network.
bool is_allowed(const std::vector<AllowedTargets>& list, const Address& address);

}  // namespace muster::agent
