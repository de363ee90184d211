// Which IP addresses are the internet's, as IANA's registries of special-purpose addresses say:
// what is not is a host's own, a site's, or somebody's only by agreement. A name that a site allows
// may lead to these and to no other. Pure; any thread.
//
// https://www.iana.org/assignments/iana-ipv4-special-registry
// https://www.iana.org/assignments/iana-ipv6-special-registry
#pragma once

#include <boost/asio/ip/address.hpp>
#include <optional>
#include <string_view>

namespace muster::agent {

// An address in the form by which it is judged: an IPv4 address in IPv6's clothes
// (::ffff:192.0.2.1) is the IPv4 address.
boost::asio::ip::address plain_address(const boost::asio::ip::address& address);
// The same of its text; unset where it is none, but maybe a name.
std::optional<boost::asio::ip::address> parse_plain_address(std::string_view text);

// Whether anybody on the internet means the same by it. One behind a translator (64:ff9b::/96) is
// what the IPv4 address in it is; one with a zone (fe80::1%eth0) never is.
bool is_globally_routable(const boost::asio::ip::address& address);

}  // namespace muster::agent
