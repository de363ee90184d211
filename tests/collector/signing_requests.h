// Keys and certificate signing requests, as an agent would make them.
#pragma once

#include <openssl/pem.h>

#include <string>

#include "common/openssl.h"

namespace muster::collector {

struct SigningRequest {
  std::string pem;
  std::string key_pem;
};

inline std::string key_to_pem(EVP_PKEY* key) {
  const BioPtr bio(BIO_new(BIO_s_mem()));
  PEM_write_bio_PKCS8PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr);
  return bio_content(bio.get());
}

// A request for `key`, signed with `signer`.
inline std::string make_request(EVP_PKEY* key, EVP_PKEY* signer) {
  const X509ReqPtr request(X509_REQ_new());
  X509_REQ_set_pubkey(request.get(), key);
  X509_NAME_add_entry_by_txt(X509_REQ_get_subject_name(request.get()), "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>("ignored"), -1, -1, 0);
  X509_REQ_sign(request.get(), signer,
                EVP_PKEY_get_id(signer) == EVP_PKEY_ED25519 ? nullptr : EVP_sha256());
  const BioPtr bio(BIO_new(BIO_s_mem()));
  PEM_write_bio_X509_REQ(bio.get(), request.get());
  return bio_content(bio.get());
}

inline SigningRequest make_signing_request() {
  const EvpPkeyPtr key(EVP_EC_gen("P-256"));
  return {.pem = make_request(key.get(), key.get()), .key_pem = key_to_pem(key.get())};
}

}  // namespace muster::collector
