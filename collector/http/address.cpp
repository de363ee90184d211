#include "collector/http/address.h"

#include <absl/strings/numbers.h>
#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>

#include "common/text.h"

namespace muster::collector::http {
namespace {

using V6Bytes = std::array<unsigned char, 16>;

std::optional<V6Bytes> parse_v6(std::string_view address) {
  // A zone ("fe80::1%eth0") is no part of the address.
  const std::string text(address.substr(0, address.find('%')));
  V6Bytes bytes{};
  if (::inet_pton(AF_INET6, text.c_str(), bytes.data()) != 1) return std::nullopt;
  return bytes;
}

bool is_v4(std::string_view address) {
  in_addr parsed{};
  return ::inet_pton(AF_INET, std::string(address).c_str(), &parsed) == 1;
}

std::string v6_text(const V6Bytes& bytes) {
  char text[INET6_ADDRSTRLEN] = {};
  ::inet_ntop(AF_INET6, bytes.data(), text, sizeof text);
  return text;
}

}  // namespace

absl::StatusOr<ListenAddress> parse_listen_address(std::string_view text) {
  const auto refuse = [text](std::string_view what) {
    return absl::InvalidArgumentError(
        fmt::format("listen address \"{}\": {}; write an IP address and a port, as in "
                    "\"127.0.0.1:8443\" or \"[::]:8443\"",
                    printable(text, 100), what));
  };
  const size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return refuse("there is no port");
  ListenAddress address;
  std::string_view host = text.substr(0, colon);
  const std::string_view port = text.substr(colon + 1);
  int number = -1;
  const bool digits = !port.empty() && std::all_of(port.begin(), port.end(),
                                                   [](char c) { return c >= '0' && c <= '9'; });
  if (!digits || !absl::SimpleAtoi(absl::string_view(port.data(), port.size()), &number) ||
      number > 65535) {
    return refuse("the port is not a number from 0 to 65535");
  }
  address.port = static_cast<uint16_t>(number);
  if (host.size() >= 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
    if (!parse_v6(host)) return refuse("what is in brackets is not an IPv6 address");
    address.is_v6 = true;
  } else if (!is_v4(host)) {
    return refuse(parse_v6(host) ? "an IPv6 address needs brackets"
                                 : "the part before the port is not an IP address");
  }
  address.host = std::string(host);
  return address;
}

std::string canonical_address(std::string_view address) {
  const std::optional<V6Bytes> bytes = parse_v6(address);
  if (!bytes) return std::string(address);
  constexpr unsigned char kMapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  if (std::memcmp(bytes->data(), kMapped, sizeof kMapped) == 0) {
    return fmt::format("{}.{}.{}.{}", (*bytes)[12], (*bytes)[13], (*bytes)[14], (*bytes)[15]);
  }
  return v6_text(*bytes);
}

bool is_loopback_address(std::string_view address) {
  const std::string canonical = canonical_address(address);
  return canonical == "::1" || (is_v4(canonical) && canonical.starts_with("127."));
}

std::string address_block(std::string_view address) {
  const std::string canonical = canonical_address(address);
  std::optional<V6Bytes> bytes = parse_v6(canonical);
  if (!bytes) return canonical;
  std::fill(bytes->begin() + 8, bytes->end(), static_cast<unsigned char>(0));
  return v6_text(*bytes) + "/64";
}

}  // namespace muster::collector::http
