// X.509 certificates put together with OpenSSL: what the authority issues, as plain values. Pure
// but for keys and serial numbers, which are random. Any thread.
#pragma once

#include <absl/status/statusor.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "collector/identity/certificate_authority.h"
#include "common/clock.h"
#include "common/openssl.h"

namespace muster::collector {

enum class CertificateUsage { kAuthority, kServer, kClient };

struct CertificateContent {
  // Cut to the 64 characters that RFC 5280 allows.
  std::string common_name;
  // The subject's generationQualifier; 0: it has none.
  uint64_t generation = 0;
  CertificateUsage usage = CertificateUsage::kClient;
  // As OpenSSL writes them: "DNS:a.example.org", "IP:192.0.2.1", "URI:spiffe://…".
  std::vector<std::string> alternative_names;
  TimePoint not_before;
  TimePoint not_after;
};

// A new EC P-256 key.
absl::StatusOr<EvpPkeyPtr> generate_key();

// A certificate for `subject_key`, signed with `issuer_key`; `issuer` null: by itself.
absl::StatusOr<X509Ptr> build_certificate(const CertificateContent& content, EVP_PKEY* subject_key,
                                          X509* issuer, EVP_PKEY* issuer_key);

// "DNS:…" or "IP:…" for a server's name. InvalidArgument if it is neither a DNS name (or one with a
// leading "*.") nor an address.
absl::StatusOr<std::string> server_alternative_name(std::string_view name);

absl::StatusOr<std::string> to_pem(X509* certificate);
absl::StatusOr<KeyPair> to_key_pair(X509* certificate, EVP_PKEY* key);

}  // namespace muster::collector
