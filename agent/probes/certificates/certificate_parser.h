// Bytes of a file to the certificates in it: PEM (CERTIFICATE, X509 CERTIFICATE, TRUSTED
// CERTIFICATE) or DER. No file, no clock, no judgement. Private keys are stepped over, never
// decoded. Pure; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "muster/v1/certificate_facts.pb.h"

namespace muster {

// What the outside of a content says it is, before anything is decoded.
enum class CertificateContent {
  kCertificates,    // a PEM block that should be a certificate
  kDer,             // binary that begins as a certificate does
  kCompanion,       // what stands beside certificates: keys, parameters, requests; no certificate
  kRevocationList,  // a PEM revocation list, and no certificate
  kEmpty,           // nothing, or white space
  kOther,           // neither PEM nor DER
};

CertificateContent classify_certificate_content(std::string_view bytes);

struct ParsedCertificates {
  // Those that could be read, in the order of the file; at most kMostCertificates.
  std::vector<v1::Certificate> certificates;
  // One sentence: the first that could not be read and why, and how many more; or that there is no
  // certificate at all, or more than the limit. Empty if everything was read.
  std::string error;
};

inline constexpr size_t kMostCertificates = 1024;

ParsedCertificates parse_certificates(std::string_view bytes);

}  // namespace muster
