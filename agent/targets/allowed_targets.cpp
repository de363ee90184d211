#include "agent/targets/allowed_targets.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <cctype>
#include <optional>

#include "agent/targets/global_addresses.h"
#include "common/targets/target_kinds.h"
#include "common/text.h"

namespace muster::agent {
namespace {

namespace ip = boost::asio::ip;

constexpr size_t kNameLimit = 253;
constexpr unsigned short kIpv4Bits = 32;
constexpr unsigned short kIpv6Bits = 128;

std::string lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return result;
}

// As DNS and operators write it: without the root's dot, in lower case.
std::string canonical_name(std::string_view name) {
  if (name.ends_with('.')) name.remove_suffix(1);
  return lower(name);
}

bool contains_v4(const ip::network_v4& network, const ip::address& address) {
  return address.is_v4() && ip::network_v4(address.to_v4(), network.prefix_length()).canonical() ==
                                network.canonical();
}

bool contains_v6(const ip::network_v6& network, const ip::address& address) {
  return address.is_v6() && address.to_v6().scope_id() == 0 &&
         ip::network_v6(address.to_v6(), network.prefix_length()).canonical() ==
             network.canonical();
}

bool matches(std::string_view pattern, std::string_view name) {
  if (!pattern.starts_with("*.")) return pattern == name;
  pattern.remove_prefix(1);
  return name.size() > pattern.size() && name.ends_with(pattern);
}

bool is_name(std::string_view text) {
  if (text.empty() || text.size() > kNameLimit) return false;
  // What could be an address is none: 10.1 is 10.0.0.1 to some resolvers.
  const std::string_view last = text.substr(text.rfind('.') + 1);
  if (last.empty() ||
      std::all_of(last.begin(), last.end(), [](unsigned char c) { return std::isdigit(c) != 0; })) {
    return false;
  }
  bool after_dot = true;
  for (const char c : text) {
    const bool is_letter = std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_';
    if (!is_letter && (c != '.' || after_dot)) return false;
    after_dot = c == '.';
  }
  return true;
}

template <typename T, typename U>
bool has(const std::vector<T>& values, const U& value) {
  return std::find(values.begin(), values.end(), value) != values.end();
}

bool is_for(const AllowedTargets& entry, uint16_t port, std::string_view kind) {
  // Of a domain nothing is dialled: it has no port, and is listed only where the kind is named.
  if (is_of_a_domain(kind)) return port == 0 && has(entry.kinds, kind);
  return port != 0 && has(entry.ports, port) && (entry.kinds.empty() || has(entry.kinds, kind));
}

bool has_network_of(const AllowedTargets& entry, const ip::address& address) {
  return std::any_of(entry.networks.begin(), entry.networks.end(),
                     [&](const auto& network) { return contains(network, address); });
}

bool has_name(const AllowedTargets& entry, const std::string& name) {
  return std::any_of(entry.names.begin(), entry.names.end(),
                     [&](const std::string& pattern) { return matches(pattern, name); });
}

absl::Status not_a_network(std::string_view text, std::string_view what) {
  return absl::InvalidArgumentError(
      fmt::format("'{}' {}: write it like 192.0.2.0/24, 2001:db8::/32 or 192.0.2.7",
                  printable(text, kNameLimit), what));
}

}  // namespace

bool contains(const AllowedTargets::Network& network, const ip::address& address) {
  const auto* v4 = std::get_if<ip::network_v4>(&network);
  return v4 != nullptr ? contains_v4(*v4, address)
                       : contains_v6(std::get<ip::network_v6>(network), address);
}

absl::StatusOr<AllowedTargets::Network> parse_network(std::string_view text) {
  const size_t slash = text.find('/');
  boost::system::error_code error;
  const ip::address address = ip::make_address(std::string(text.substr(0, slash)), error);
  if (error || (address.is_v6() && address.to_v6().scope_id() != 0)) {
    return not_a_network(text, "is not a network");
  }
  if (slash == std::string_view::npos) {
    if (address.is_v4()) return AllowedTargets::Network(ip::network_v4(address.to_v4(), kIpv4Bits));
    return AllowedTargets::Network(ip::network_v6(address.to_v6(), kIpv6Bits));
  }
  if (address.is_v4()) {
    const ip::network_v4 network = ip::make_network_v4(std::string(text), error);
    if (error) return not_a_network(text, "is not a network");
    if (network.canonical() != network) return not_a_network(text, "has host bits");
    return AllowedTargets::Network(network);
  }
  const ip::network_v6 network = ip::make_network_v6(std::string(text), error);
  if (error) return not_a_network(text, "is not a network");
  if (network.canonical() != network) return not_a_network(text, "has host bits");
  return AllowedTargets::Network(network);
}

absl::StatusOr<std::string> parse_allowed_name(std::string_view text) {
  std::string name = canonical_name(text);
  if (is_name(name.starts_with("*.") ? std::string_view(name).substr(2) : name)) return name;
  return absl::InvalidArgumentError(
      fmt::format("'{}' is not a name: write it like www.example.org, or *.example.org for all "
                  "below it; addresses belong into networks",
                  printable(text, kNameLimit)));
}

bool is_allowed(const std::vector<AllowedTargets>& list, const Address& target,
                std::string_view kind) {
  const std::optional<ip::address> literal = parse_plain_address(target.host);
  if (literal) {
    return std::any_of(list.begin(), list.end(), [&](const AllowedTargets& entry) {
      return is_for(entry, target.port, kind) && has_network_of(entry, *literal);
    });
  }
  const std::string name = canonical_name(target.host);
  return is_name(name) && std::any_of(list.begin(), list.end(), [&](const AllowedTargets& entry) {
           return is_for(entry, target.port, kind) && has_name(entry, name);
         });
}

const Address* proxy_of(const std::vector<AllowedTargets>& list, const Address& target,
                        std::string_view kind) {
  if (parse_plain_address(target.host)) return nullptr;
  const std::string name = canonical_name(target.host);
  const auto entry = std::find_if(list.begin(), list.end(), [&](const AllowedTargets& each) {
    return is_for(each, target.port, kind) && has_name(each, name);
  });
  return entry != list.end() && entry->proxy ? &*entry->proxy : nullptr;
}

bool may_lead_to(const std::vector<AllowedTargets>& list, const Address& target,
                 const ip::address& resolved, std::string_view kind) {
  if (!is_allowed(list, target, kind) || proxy_of(list, target, kind) != nullptr) return false;
  const ip::address address = plain_address(resolved);
  // An address leads to itself alone.
  if (const auto literal = parse_plain_address(target.host)) return *literal == address;
  return is_globally_routable(address) ||
         std::any_of(list.begin(), list.end(), [&](const AllowedTargets& entry) {
           return is_for(entry, target.port, kind) && has_network_of(entry, address);
         });
}

bool may_ask_server(const std::vector<AllowedTargets>& list, const ip::address& resolved,
                    uint16_t port, std::string_view kind) {
  const ip::address address = plain_address(resolved);
  return is_globally_routable(address) ||
         std::any_of(list.begin(), list.end(), [&](const AllowedTargets& entry) {
           return has(entry.kinds, kind) && (entry.ports.empty() || has(entry.ports, port)) &&
                  has_network_of(entry, address);
         });
}

}  // namespace muster::agent
