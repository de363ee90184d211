// Authorities and certificates for tests of verification, with the extensions that a test says:
// made at run time by OpenSSL. Whatever goes wrong in here ends the test program.
#pragma once

#include <openssl/x509.h>

#include <string>
#include <utility>
#include <vector>

#include "common/openssl.h"

namespace muster::tls::test {

struct Identity {
  X509Ptr certificate;
  EvpPkeyPtr key;

  std::string der() const;
  std::string pem() const;
};

struct IdentitySpec {
  std::string name = "www.example.org";
  // As openssl-x509v3_config(5) has them: {NID_basic_constraints, "critical,CA:TRUE"}.
  std::vector<std::pair<int, std::string>> extensions = {};
  long serial = 1;
  // Whether subject and authority key ids are in it.
  bool key_ids = true;
  // Null: a new P-256 key. Its public half only is used.
  EVP_PKEY* key = nullptr;
  // Null: that of the key's kind.
  const EVP_MD* digest = EVP_sha256();
  int version = X509_VERSION_3;
  // Of the name: MBSTRING_UTF8, or V_ASN1_PRINTABLESTRING.
  int name_type = MBSTRING_UTF8;
  // Days from now.
  int from = -10;
  int until = 90;
};

// By an issuer; without one it signs itself.
Identity make_identity(const IdentitySpec& spec, const Identity* issuer = nullptr);
// With CA:TRUE and the key usages of an authority, and more extensions if they are said.
Identity make_authority(const std::string& name, const Identity* issuer = nullptr,
                        std::vector<std::pair<int, std::string>> more = {});
// For servers, with the name as alternative name.
Identity make_leaf(const std::string& name, const Identity& issuer,
                   std::vector<std::pair<int, std::string>> more = {});
// The same name and key, signed by somebody else.
Identity cross_signed(const Identity& authority, const Identity& issuer);

std::vector<std::string> ders_of(const std::vector<const Identity*>& chain);
std::string pems_of(const std::vector<const Identity*>& certificates);

}  // namespace muster::tls::test
