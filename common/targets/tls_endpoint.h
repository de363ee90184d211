// The address of a target of kind "tls", which says more than where to connect:
//
//   shop.example.org:443
//   192.0.2.7:443/shop.example.org                  the name that is asked for (SNI)
//   mail.example.org:25 starttls=smtp
//   mail.example.org:25/mx.example.org starttls=smtp revocation=ocsp
//
// Names of other alphabets are written as DNS has them (xn--bcher-kva.example). Pure; any thread.
#pragma once

#include <absl/status/statusor.h>

#include <span>
#include <string>
#include <string_view>

#include "common/address.h"

namespace muster {

// How revocation is asked for beside what the server staples.
enum class RevocationQuestion {
  // Only by what the server staples.
  kStaple,
  // The authority's responder that the certificate names.
  kOcsp,
  // The authority's list that the certificate names.
  kCrl,
};

struct TlsEndpoint {
  Address address;
  // As given, else the address's name; empty for an address without one.
  std::string server_name;
  // "smtp", one of starttls_protocols(); empty: TLS at once.
  std::string starttls;
  RevocationQuestion revocation = RevocationQuestion::kStaple;
};

// Longer ones are none.
inline constexpr size_t kTlsEndpointLimit = 640;

// "smtp", "imap", …: what starttls= may say.
std::span<const std::string_view> starttls_protocols();

// InvalidArgument with what is expected, and which word is wrong.
absl::StatusOr<TlsEndpoint> parse_tls_endpoint(std::string_view text);

// "mail.example.org:25/mx.example.org", and without its words: those that come after it, separated
// by one space each; empty for none.
struct EndpointWords {
  std::string_view place;
  std::string_view options;
};
EndpointWords split_endpoint(std::string_view text);

}  // namespace muster
