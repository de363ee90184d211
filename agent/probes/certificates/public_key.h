// The public half of a key, as a certificate and its private key have it in common. Pure; any
// thread.
#pragma once

#include <openssl/evp.h>

#include <cstdint>
#include <string>

namespace muster {

struct PublicKeyFacts {
  // "RSA", "EC", "ED25519".
  std::string type;
  // 0 when unknown.
  uint32_t bits = 0;
  // 64 hex digits over the DER SubjectPublicKeyInfo; empty where OpenSSL cannot write one. A point
  // of a curve counts uncompressed, however it is written, so that equal keys are equal here.
  std::string sha256;
};

PublicKeyFacts public_key_facts(const EVP_PKEY* key);

}  // namespace muster
