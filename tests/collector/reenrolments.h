// Requests for a new certificate with one that has expired, as an agent would make them.
#pragma once

#include <openssl/pem.h>

#include <string>
#include <string_view>

#include "common/openssl.h"
#include "muster/v1/identity.pb.h"
#include "tests/collector/signing_requests.h"

namespace muster::collector {

inline EvpPkeyPtr key_from_pem(const std::string& pem) {
  const BioPtr bio = memory_bio(pem);
  return EvpPkeyPtr(PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr));
}

inline std::string sign(EVP_PKEY* key, std::string_view text) {
  const EvpMdCtxPtr context(EVP_MD_CTX_new());
  const EVP_MD* digest = EVP_PKEY_get_id(key) == EVP_PKEY_ED25519 ? nullptr : EVP_sha256();
  const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
  EVP_DigestSignInit(context.get(), nullptr, digest, nullptr, key);
  size_t size = 0;
  EVP_DigestSign(context.get(), nullptr, &size, bytes, text.size());
  std::string signature(size, '\0');
  EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size, bytes,
                 text.size());
  signature.resize(size);
  return signature;
}

// For a new key `wanted`, with the certificate in hand and its key.
inline v1::ReenrolRequest make_reenrolment(const SigningRequest& wanted,
                                           const std::string& certificate,
                                           const std::string& key_pem) {
  v1::ReenrolRequest request;
  request.set_certificate_signing_request(wanted.pem);
  request.set_certificate(certificate);
  request.set_signature(sign(key_from_pem(key_pem).get(), wanted.pem));
  return request;
}

}  // namespace muster::collector
