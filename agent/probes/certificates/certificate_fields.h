// One X.509 certificate as OpenSSL holds it, turned into the message. Pure; any thread.
#pragma once

#include <absl/status/statusor.h>
#include <openssl/x509.h>

#include <string>

#include "muster/v1/certificate_facts.pb.h"

namespace muster {

// A certificate, and what of it could not be read without making it useless.
struct CertificateFields {
  v1::Certificate certificate;
  // "its alternative names cannot be read"; empty if nothing is missing.
  std::string warning;
};

// Everything but the fingerprint, which is over the bytes of the file. Every text is valid UTF-8
// without control characters and bounded as certificate_facts.proto says. InvalidArgument if a date
// cannot be read: a certificate without its dates is of no use.
absl::StatusOr<CertificateFields> certificate_fields(X509* certificate);

}  // namespace muster
