#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <string>
#include <string_view>

#include "agent/probes/tls/chain_verification.h"
#include "agent/probes/tls/verification_handles.h"

namespace muster::tls {
namespace {

constexpr size_t kNameLimit = 253;
constexpr size_t kLabelLimit = 63;

// The bytes of an IP address; empty where the text is none, as inet_pton(3) reads it: not "127.1".
std::string address_bytes(std::string_view text) {
  std::array<unsigned char, sizeof(in6_addr)> bytes{};
  if (text.find('\0') != std::string_view::npos) return {};
  const std::string terminated(text);
  if (::inet_pton(AF_INET, terminated.c_str(), bytes.data()) == 1) {
    return {bytes.begin(), bytes.begin() + sizeof(in_addr)};
  }
  if (::inet_pton(AF_INET6, terminated.c_str(), bytes.data()) == 1) {
    return {bytes.begin(), bytes.end()};
  }
  return {};
}

bool is_label(std::string_view label) {
  return !label.empty() && label.size() <= kLabelLimit &&
         std::all_of(label.begin(), label.end(), [](char c) {
           return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_';
         });
}

// A name that something can have: labels of ASCII, the last one no number, which some would read as
// a part of an address.
bool is_host_name(std::string_view name) {
  if (name.empty() || name.size() > kNameLimit) return false;
  std::string_view label;
  for (size_t begin = 0; begin <= name.size(); begin += label.size() + 1) {
    label = name.substr(begin, name.find('.', begin) - begin);
    if (!is_label(label)) return false;
  }
  return !std::all_of(label.begin(), label.end(),
                      [](char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; });
}

}  // namespace

bool certificate_names(std::string_view certificate, std::string_view server_name) {
  const X509Ptr decoded_one = decoded(certificate);
  if (decoded_one == nullptr) return false;
  const std::string address = address_bytes(server_name);
  int matches = 0;
  if (!address.empty()) {
    matches =
        X509_check_ip(decoded_one.get(), reinterpret_cast<const unsigned char*>(address.data()),
                      address.size(), X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
  } else {
    // "www.example.org." is the same name, of which certificates and TLS know no dot at the end.
    if (server_name.ends_with('.')) server_name.remove_suffix(1);
    if (!is_host_name(server_name)) return false;
    matches =
        X509_check_host(decoded_one.get(), server_name.data(), server_name.size(),
                        X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS |
                            X509_CHECK_FLAG_SINGLE_LABEL_SUBDOMAINS,
                        nullptr);
  }
  ERR_clear_error();
  return matches == 1;
}

}  // namespace muster::tls
