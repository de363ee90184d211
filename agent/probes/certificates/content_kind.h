// What the outside of a file says it holds, before anything is decoded. Pure; any thread.
#pragma once

#include <string_view>

namespace muster {

enum class CertificateContent {
  kCertificates,    // a PEM block that should be a certificate, whatever else there is
  kRevocationList,  // a PEM block that should be a revocation list, and no certificate
  kKey,             // a PEM private key, and neither of those
  kDer,             // binary that begins as a certificate and a revocation list do
  kDerKey,          // binary that begins as private keys do
  kPkcs12,          // binary that begins as PKCS #12 does
  kJavaKeyStore,    // the magic number of JKS or JCEKS
  kKubeconfig,      // text that says it is one
  kCompanion,       // what stands beside certificates: parameters, requests, public keys
  kEmpty,           // nothing, or white space
  kOther,           // none of these
};

CertificateContent classify_certificate_content(std::string_view bytes);

// Of a PEM block: "CERTIFICATE", "X509 CERTIFICATE", "TRUSTED CERTIFICATE".
bool is_certificate_label(std::string_view label);
// "PRIVATE KEY", "RSA PRIVATE KEY", "ENCRYPTED PRIVATE KEY", …; not OpenSSH's, which no certificate
// belongs to.
bool is_private_key_label(std::string_view label);

// The numbers that Java's key stores begin with.
inline constexpr std::string_view kJksMagic = "\xFE\xED\xFE\xED";
inline constexpr std::string_view kJceksMagic = "\xCE\xCE\xCE\xCE";

}  // namespace muster
