// Bytes of a file to the certificates and revocation lists in it: PEM (CERTIFICATE, X509
// CERTIFICATE, TRUSTED CERTIFICATE, X509 CRL) or DER. No file, no clock, no judgement. Private keys
// are stepped over: private_key.h is what reads them. Pure; any thread.
#pragma once

#include <openssl/x509.h>

#include <string>
#include <string_view>
#include <vector>

#include "agent/probes/certificates/certificate_fields.h"
#include "agent/probes/certificates/content_kind.h"
#include "muster/v1/certificate_facts.pb.h"

namespace muster {

struct ParsedCertificates {
  // Those that could be read, in the order of the file; at most kMostCertificates.
  std::vector<v1::Certificate> certificates = {};
  // As the certificates; at most kMostRevocationLists.
  std::vector<v1::RevocationList> revocation_lists = {};
  // One sentence: the first that could not be read and why, and how many more; or that there is
  // neither a certificate nor a list, or more than a limit. Empty if everything was read.
  std::string error = {};
};

inline constexpr size_t kMostCertificates = 1024;
inline constexpr size_t kMostRevocationLists = 64;

ParsedCertificates parse_certificates(std::string_view bytes);

// One certificate in DER, all of it; InvalidArgument says why it cannot be read.
absl::StatusOr<CertificateFields> parse_der_certificate(std::string_view der);
// One that is decoded, with its fingerprint over the bytes that it was decoded from.
absl::StatusOr<CertificateFields> decoded_certificate(X509* certificate);

}  // namespace muster
