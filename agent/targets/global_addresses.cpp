#include "agent/targets/global_addresses.h"

#include <algorithm>
#include <array>
#include <boost/asio/ip/address_v4.hpp>
#include <boost/asio/ip/address_v6.hpp>
#include <cstdint>
#include <string>

namespace muster::agent {
namespace {

namespace ip = boost::asio::ip;

// The longest prefix that holds an address decides.
struct Block {
  std::string_view first;
  unsigned bits;
  bool global;
};

constexpr std::array<Block, 21> kIpv4Blocks{{
    {"0.0.0.0", 0, true},           {"0.0.0.0", 8, false},  // this network
    {"10.0.0.0", 8, false},                                 // private
    {"100.64.0.0", 10, false},                              // a carrier's; of some clouds, metadata
    {"127.0.0.0", 8, false},                                // loopback
    {"168.63.129.16", 32, false},    // Azure's platform, which answers its own machines only
    {"169.254.0.0", 16, false},      // link-local, and most clouds' metadata
    {"172.16.0.0", 12, false},       // private
    {"192.0.0.0", 24, false},        // protocol assignments
    {"192.0.0.9", 32, true},         // Port Control Protocol anycast
    {"192.0.0.10", 32, true},        // TURN anycast
    {"192.0.2.0", 24, false},        // documentation
    {"192.88.99.0", 24, false},      // 6to4 relays, deprecated
    {"192.168.0.0", 16, false},      // private
    {"198.18.0.0", 15, false},       // benchmarks
    {"198.51.100.0", 24, false},     // documentation
    {"203.0.113.0", 24, false},      // documentation
    {"224.0.0.0", 4, false},         // multicast
    {"233.252.0.0", 24, false},      // multicast for documentation
    {"240.0.0.0", 4, false},         // reserved
    {"255.255.255.255", 32, false},  // broadcast
}};

// Of what is not handed out (2000::/3 is all that is), nothing.
constexpr std::array<Block, 12> kIpv6Blocks{{
    {"::", 0, false},
    {"2000::", 3, true},
    {"2001::", 23, false},         // protocol assignments; Teredo, which has IPv4 addresses in it
    {"2001:1::1", 128, true},      // Port Control Protocol anycast
    {"2001:1::2", 128, true},      // TURN anycast
    {"2001:1::3", 128, true},      // DNS-SD anycast
    {"2001:3::", 32, true},        // AMT
    {"2001:4:112::", 48, true},    // AS112
    {"2001:db8::", 32, false},     // documentation
    {"2002::", 16, false},         // 6to4, which has IPv4 addresses in it
    {"2620:4f:8000::", 48, true},  // AS112
    {"3fff::", 20, false},         // documentation
}};

constexpr std::string_view kTranslated = "64:ff9b::";
constexpr unsigned kTranslatedBits = 96;

template <typename Bytes>
bool begins_alike(const Bytes& a, const Bytes& b, unsigned bits) {
  const size_t whole = bits / 8;
  if (!std::equal(a.begin(), a.begin() + whole, b.begin())) return false;
  if (bits % 8 == 0) return true;
  const unsigned shift = 8 - bits % 8;
  return a.at(whole) >> shift == b.at(whole) >> shift;
}

template <size_t Size, typename Make>
bool is_global(const std::array<Block, Size>& blocks, Make make,
               decltype(make(std::string())) address) {
  const Block* narrowest = nullptr;
  for (const Block& block : blocks) {
    if (narrowest != nullptr && block.bits < narrowest->bits) continue;
    const auto first = make(std::string(block.first));
    if (begins_alike(first.to_bytes(), address.to_bytes(), block.bits)) narrowest = &block;
  }
  return narrowest != nullptr && narrowest->global;
}

bool is_global_v4(const ip::address_v4& address) {
  return is_global(
      kIpv4Blocks, [](const std::string& text) { return ip::make_address_v4(text); }, address);
}

}  // namespace

ip::address plain_address(const ip::address& address) {
  if (!address.is_v6() || !address.to_v6().is_v4_mapped()) return address;
  return ip::make_address_v4(ip::v4_mapped, address.to_v6());
}

std::optional<ip::address> parse_plain_address(std::string_view text) {
  boost::system::error_code error;
  const ip::address address = ip::make_address(std::string(text), error);
  if (error) return std::nullopt;
  return plain_address(address);
}

bool is_globally_routable(const ip::address& address) {
  const ip::address plain = plain_address(address);
  if (plain.is_v4()) return is_global_v4(plain.to_v4());
  const ip::address_v6 v6 = plain.to_v6();
  if (v6.scope_id() != 0) return false;
  const ip::address_v6::bytes_type bytes = v6.to_bytes();
  const auto translated = ip::make_address_v6(std::string(kTranslated)).to_bytes();
  if (begins_alike(translated, bytes, kTranslatedBits)) {
    return is_global_v4(ip::address_v4({bytes[12], bytes[13], bytes[14], bytes[15]}));
  }
  return is_global(
      kIpv6Blocks, [](const std::string& text) { return ip::make_address_v6(text); }, v6);
}

}  // namespace muster::agent
