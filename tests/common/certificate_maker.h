// Makes keys and certificates for tests, at run time, so that no test carries a date that passes or
// a key that somebody could take for a secret. Whatever goes wrong in here ends the test program.
#pragma once

#include <string>
#include <vector>

#include "common/clock.h"
#include "common/openssl.h"

namespace muster::test {

// Elliptic curve P-256: made in less than a millisecond.
EvpPkeyPtr make_key();
// For a test of key types; 2,048 bits take about a tenth of a second.
EvpPkeyPtr make_rsa_key(unsigned bits);
EvpPkeyPtr make_ed25519_key();

// 2026-01-01 and 2027-01-01, midnight.
inline constexpr TimePoint kYear2026{std::chrono::sys_days(std::chrono::year(2026) / 1 / 1)};
inline constexpr TimePoint kYear2027{std::chrono::sys_days(std::chrono::year(2027) / 1 / 1)};

// What a certificate says; the key and the issuer come beside it.
struct CertificateSpec {
  std::string common_name = "www.example.org";
  uint64_t serial = 1;
  // To the second, years 1 to 9999.
  TimePoint not_before = kYear2026;
  TimePoint not_after = kYear2027;
  // "DNS:www.example.org", "IP:192.0.2.1", "URI:spiffe://…", "email:…".
  std::vector<std::string> subject_alternative_names = {};
  // "serverAuth", "clientAuth".
  std::vector<std::string> extended_key_usages = {};
  bool is_authority = false;
};

X509Ptr self_signed(const CertificateSpec& spec, EVP_PKEY* key);
// `key` is the subject's; only its public half is used.
X509Ptr issued_by(const CertificateSpec& spec, EVP_PKEY* key, const X509* issuer,
                  EVP_PKEY* issuer_key);

std::string certificate_pem(X509* certificate);
std::string certificate_der(X509* certificate);
// PKCS #8, not encrypted.
std::string key_pem(EVP_PKEY* key);

}  // namespace muster::test
