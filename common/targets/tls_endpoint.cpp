#include "common/targets/tls_endpoint.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "common/targets/target_rules.h"
#include "common/text.h"

namespace muster {
namespace {

constexpr size_t kQuotedLimit = 256;

constexpr auto kStartTls =
    std::to_array<std::string_view>({"smtp", "imap", "pop3", "ftp", "ldap", "postgres", "mysql",
                                     "xmpp", "rdp", "sieve", "nntp", "irc", "xmpp-server"});
constexpr auto kRevocation = std::to_array<std::string_view>({"staple", "ocsp", "crl"});

constexpr std::string_view kStartTlsKey = "starttls=";
constexpr std::string_view kRevocationKey = "revocation=";

absl::Status wrong(const std::string& message) {
  return absl::InvalidArgumentError(message);
}

bool is_ipv4(const std::string& text) {
  in_addr address{};
  return ::inet_pton(AF_INET, text.c_str(), &address) == 1;
}

bool is_literal(const Address& address) {
  return address.host.find(':') != std::string::npos || is_ipv4(address.host);
}

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

// RFC 6066: a name of DNS, and no address.
absl::Status check_server_name(std::string_view name) {
  const std::string text(name);
  if (name.find(':') == std::string_view::npos && !is_ipv4(text) &&
      parse_target_address(text + ":443").ok()) {
    return absl::OkStatus();
  }
  const std::string_view hint = is_ascii(name) ? "write it like www.example.org"
                                               : "write it as DNS has it, like xn--bcher-kva.de";
  return wrong(fmt::format("'{}' after the slash is not the name of a server: {}",
                           printable(name, kQuotedLimit), hint));
}

// Which of `known` the word says behind its `key`.
absl::StatusOr<size_t> value_of(std::string_view word, std::string_view key,
                                std::span<const std::string_view> known) {
  const std::string_view value = word.substr(key.size());
  const auto found = std::find(known.begin(), known.end(), value);
  if (found != known.end()) return static_cast<size_t>(found - known.begin());
  return wrong(fmt::format("'{}': {} is one of {}{}", printable(word, kQuotedLimit), key,
                           fmt::join(known, ", "), did_you_mean(value, known)));
}

absl::Status read_word(std::string_view word, TlsEndpoint& endpoint,
                       std::optional<RevocationQuestion>& revocation) {
  if (word.starts_with(kStartTlsKey)) {
    const absl::StatusOr<size_t> which = value_of(word, kStartTlsKey, kStartTls);
    if (!which.ok()) return which.status();
    if (!endpoint.starttls.empty()) return wrong("starttls= comes twice");
    endpoint.starttls = std::string(kStartTls.at(*which));
    return absl::OkStatus();
  }
  if (word.starts_with(kRevocationKey)) {
    const absl::StatusOr<size_t> which = value_of(word, kRevocationKey, kRevocation);
    if (!which.ok()) return which.status();
    if (revocation) return wrong("revocation= comes twice");
    revocation = static_cast<RevocationQuestion>(*which);
    return absl::OkStatus();
  }
  return wrong(
      fmt::format("'{}' is nothing that an address may say: after one space each, starttls=smtp or "
                  "revocation=ocsp",
                  printable(word, kQuotedLimit)));
}

absl::Status read_words(std::string_view words, TlsEndpoint& endpoint) {
  std::optional<RevocationQuestion> revocation;
  while (true) {
    const size_t space = std::min(words.find(' '), words.size());
    absl::Status status = read_word(words.substr(0, space), endpoint, revocation);
    if (!status.ok()) return status;
    if (space == words.size()) break;
    words.remove_prefix(space + 1);
  }
  endpoint.revocation = revocation.value_or(RevocationQuestion::kStaple);
  return absl::OkStatus();
}

}  // namespace

std::span<const std::string_view> starttls_protocols() {
  return kStartTls;
}

EndpointWords split_endpoint(std::string_view text) {
  const size_t space = text.find(' ');
  if (space == std::string_view::npos) return {.place = text, .options = {}};
  return {.place = text.substr(0, space), .options = text.substr(space + 1)};
}

absl::StatusOr<TlsEndpoint> parse_tls_endpoint(std::string_view text) {
  if (text.size() > kTlsEndpointLimit) {
    return wrong(fmt::format("'{}' is longer than {} bytes", printable(text, kQuotedLimit),
                             kTlsEndpointLimit));
  }
  const auto [place, options] = split_endpoint(text);
  const size_t slash = place.find('/');
  absl::StatusOr<Address> address = parse_target_address(place.substr(0, slash));
  if (!address.ok()) return address.status();
  TlsEndpoint endpoint{.address = *std::move(address), .server_name = {}, .starttls = {}};
  if (slash != std::string_view::npos) {
    const std::string_view name = place.substr(slash + 1);
    if (absl::Status status = check_server_name(name); !status.ok()) return status;
    endpoint.server_name = std::string(name);
  } else if (!is_literal(endpoint.address)) {
    endpoint.server_name = endpoint.address.host;
  }
  if (place.size() < text.size()) {
    if (absl::Status status = read_words(options, endpoint); !status.ok()) return status;
  }
  return endpoint;
}

}  // namespace muster
