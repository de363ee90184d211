// Key stores and revocation lists for tests, made at run time: PKCS #12 by OpenSSL, Java's by their
// layout, since what keytool itself writes is for key_store_tools_test.cpp.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/openssl.h"
#include "tests/common/certificate_maker.h"

namespace muster::test {

struct Pkcs12Spec {
  std::string name = "web";
  std::string password = "secret";
  // Further certificates, in their order.
  std::vector<X509*> others = {};
  // NIDs of OpenSSL; 0 is its choice, -1 encrypts nothing.
  int certificate_cipher = 0;
  int key_cipher = 0;
  int rounds = 2048;
  // -1: no seal, and so no password needed for what is not encrypted.
  int mac_rounds = 1;
};
std::string make_pkcs12(const Pkcs12Spec& spec, EVP_PKEY* key, X509* certificate);
// One that was made without a seal, sealed as RFC 9579 has it, which this OpenSSL may not know: by
// HMAC with SHA-256 and a key of so many rounds of PBKDF2.
std::string sealed_by_pbmac1(std::string_view store, std::string_view password, int rounds);
// The algorithm of that seal, AlgorithmIdentifier.
std::string pbmac1_algorithm(std::string_view salt, int rounds);

// JKS and JCEKS, entry by entry.
class JavaStore {
 public:
  explicit JavaStore(std::string_view magic, uint32_t version = 2);

  JavaStore& trusted(std::string_view alias, std::string_view der, std::string_view type = "X.509");
  // The key itself is never looked at: its bytes are any.
  JavaStore& private_key(std::string_view alias, const std::vector<std::string>& chain);
  JavaStore& secret_key(std::string_view alias);
  // So that a test can write what no Java would.
  JavaStore& raw(std::string_view bytes, uint32_t entries = 0);

  // With its digest for this password.
  std::string finish(std::string_view password) const;

 private:
  void begin(uint32_t tag, std::string_view alias);
  void certificate(std::string_view der, std::string_view type);

  std::string magic_;
  uint32_t version_;
  uint32_t entries_ = 0;
  std::string body_;
};

struct RevocationListSpec {
  TimePoint this_update = kYear2026;
  // Absent in the list when it is not after this_update.
  TimePoint next_update = kYear2027;
  int revoked = 0;
  // 0: it has none.
  uint64_t number = 0;
};
std::string revocation_list_der(const RevocationListSpec& spec, const X509* issuer, EVP_PKEY* key);
std::string revocation_list_pem(const RevocationListSpec& spec, const X509* issuer, EVP_PKEY* key);

// PKCS #8 with PBES2 over so many rounds.
std::string encrypted_key_pem(EVP_PKEY* key, std::string_view password, int rounds = 2048);
// RFC 1421's way, "Proc-Type: 4,ENCRYPTED"; no password: in the clear.
std::string traditional_key_pem(EVP_PKEY* key, std::string_view password = "");

}  // namespace muster::test
