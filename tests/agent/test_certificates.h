// Certificates made for a test: a CA and what it signs. In memory, PEM and OpenSSL's own.
#pragma once

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <string>

#include "common/openssl.h"

namespace muster::agent {

struct TestCertificate {
  X509Ptr certificate;
  EvpPkeyPtr key;

  std::string pem() const {
    const BioPtr bio(BIO_new(BIO_s_mem()));
    PEM_write_bio_X509(bio.get(), certificate.get());
    return bio_content(bio.get());
  }
  std::string key_pem() const {
    const BioPtr bio(BIO_new(BIO_s_mem()));
    PEM_write_bio_PKCS8PrivateKey(bio.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
    return bio_content(bio.get());
  }
  // SHA-256 over the DER, 32 bytes.
  std::string sha256() const {
    std::string digest(32, '\0');
    X509_digest(certificate.get(), EVP_sha256(), reinterpret_cast<unsigned char*>(digest.data()),
                nullptr);
    return digest;
  }
};

inline void add_extension(X509* certificate, X509* issuer, int id, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, id, value.c_str());
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

// Signed by `issuer`, or by itself if there is none, which makes it a CA. `names` as
// "DNS:localhost,IP:127.0.0.1". Valid from an hour ago for `hours`. `key`: of someone else, as a
// CSR has it.
inline TestCertificate make_certificate(const std::string& common_name,
                                        const TestCertificate* issuer, const std::string& names,
                                        long hours = 24, EVP_PKEY* key = nullptr) {
  TestCertificate made{X509Ptr(X509_new()), EvpPkeyPtr(EVP_EC_gen("P-256"))};
  if (key != nullptr) {
    EVP_PKEY_up_ref(key);
    made.key.reset(key);
  }
  X509* certificate = made.certificate.get();
  X509* issuing = issuer == nullptr ? certificate : issuer->certificate.get();
  X509_set_version(certificate, X509_VERSION_3);
  ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), 4711);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
  X509_gmtime_adj(X509_getm_notAfter(certificate), hours * 3600);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(common_name.c_str()), -1, -1,
                             0);
  X509_set_issuer_name(certificate, X509_get_subject_name(issuing));
  X509_set_pubkey(certificate, made.key.get());
  add_extension(certificate, issuing, NID_basic_constraints,
                issuer == nullptr ? "critical,CA:TRUE" : "critical,CA:FALSE");
  if (issuer == nullptr) add_extension(certificate, issuing, NID_key_usage, "keyCertSign");
  if (!names.empty()) add_extension(certificate, issuing, NID_subject_alt_name, names);
  X509_sign(certificate, issuer == nullptr ? made.key.get() : issuer->key.get(), EVP_sha256());
  return made;
}

}  // namespace muster::agent
