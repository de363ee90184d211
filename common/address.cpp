#include "common/address.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>

#include "common/text.h"

namespace muster {
namespace {

constexpr size_t kHostLimit = 253;

bool is_host_character(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '.' || c == '-' || c == '_';
}

bool is_ipv6_character(char c) {
  // '%' begins a zone: fe80::1%eth0.
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == ':' || c == '.' || c == '%';
}

bool is_host(std::string_view host, bool bracketed) {
  if (host.empty() || host.size() > kHostLimit) return false;
  if (!bracketed) return std::all_of(host.begin(), host.end(), is_host_character);
  return host.find(':') != std::string_view::npos &&
         std::all_of(host.begin(), host.end(), is_ipv6_character);
}

absl::Status not_an_address(std::string_view text) {
  return absl::InvalidArgumentError(
      fmt::format("'{}' is not an address: write it like collector.example.org:8433 or [::1]:8433",
                  printable(text, 256)));
}

}  // namespace

std::string Address::text() const {
  return host.find(':') == std::string::npos ? fmt::format("{}:{}", host, port)
                                             : fmt::format("[{}]:{}", host, port);
}

absl::StatusOr<Address> parse_address(std::string_view text) {
  const size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return not_an_address(text);
  std::string_view host = text.substr(0, colon);
  const std::string_view port = text.substr(colon + 1);
  const bool bracketed = host.starts_with('[') && host.ends_with(']');
  if (bracketed) host = host.substr(1, host.size() - 2);
  if (!is_host(host, bracketed)) return not_an_address(text);
  Address address;
  address.host = std::string(host);
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), address.port);
  if (error != std::errc() || end != port.data() + port.size() || address.port == 0) {
    return not_an_address(text);
  }
  return address;
}

absl::StatusOr<Address> parse_url(std::string_view text, std::string_view scheme,
                                  uint16_t default_port) {
  const std::string prefix = fmt::format("{}://", scheme);
  std::string_view rest = text;
  if (rest.starts_with(prefix)) {
    rest.remove_prefix(prefix.size());
    if (rest.ends_with('/')) rest.remove_suffix(1);
    const bool has_port = rest.ends_with(']') ? false : rest.rfind(':') != std::string_view::npos;
    const std::string with_port =
        has_port ? std::string(rest) : fmt::format("{}:{}", rest, default_port);
    absl::StatusOr<Address> address = parse_address(with_port);
    if (address.ok()) return address;
  }
  return absl::InvalidArgumentError(
      fmt::format("'{}' is not an address: write it like {}host.example.org:{} or {}[::1]:{}",
                  printable(text, 256), prefix, default_port, prefix, default_port));
}

}  // namespace muster
