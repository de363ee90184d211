#include "agent/identity.h"

#include <fmt/format.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <algorithm>

#include "common/openssl.h"

namespace muster::agent {
namespace {

// X.520: the longest common name.
constexpr size_t kCommonNameLimit = 64;

EvpPkeyPtr read_key(const std::string& pem) {
  const BioPtr bio = memory_bio(pem);
  return EvpPkeyPtr(PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr));
}

}  // namespace

absl::StatusOr<std::string> make_key() {
  const EvpPkeyPtr key(EVP_EC_gen("P-256"));
  const BioPtr bio(BIO_new(BIO_s_mem()));
  if (key == nullptr || bio == nullptr ||
      PEM_write_bio_PKCS8PrivateKey(bio.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) !=
          1) {
    return openssl_error("making a key");
  }
  return bio_content(bio.get());
}

absl::StatusOr<std::string> make_signing_request(const std::string& key_pem,
                                                 const std::string& name) {
  const EvpPkeyPtr key = read_key(key_pem);
  const X509ReqPtr request(X509_REQ_new());
  const BioPtr bio(BIO_new(BIO_s_mem()));
  const std::string common_name = name.substr(0, kCommonNameLimit);
  if (key == nullptr || request == nullptr || bio == nullptr ||
      X509_REQ_set_version(request.get(), X509_REQ_VERSION_1) != 1 ||
      X509_NAME_add_entry_by_txt(X509_REQ_get_subject_name(request.get()), "CN", MBSTRING_UTF8,
                                 reinterpret_cast<const unsigned char*>(common_name.data()),
                                 static_cast<int>(common_name.size()), -1, 0) != 1 ||
      X509_REQ_set_pubkey(request.get(), key.get()) != 1 ||
      X509_REQ_sign(request.get(), key.get(), EVP_sha256()) == 0 ||
      PEM_write_bio_X509_REQ(bio.get(), request.get()) != 1) {
    return openssl_error("making a certificate signing request");
  }
  return bio_content(bio.get());
}

absl::Status check_identity(const std::string& key_pem, const std::string& certificate_pem,
                            const std::string& ca_pem) {
  const EvpPkeyPtr key = read_key(key_pem);
  const BioPtr certificate_bio = memory_bio(certificate_pem);
  const X509Ptr certificate(PEM_read_bio_X509(certificate_bio.get(), nullptr, nullptr, nullptr));
  if (key == nullptr || certificate == nullptr) return openssl_error("reading the new certificate");
  if (X509_check_private_key(certificate.get(), key.get()) != 1) {
    return openssl_error("the new certificate is not for this host's key");
  }
  const BioPtr ca_bio = memory_bio(ca_pem);
  while (const X509Ptr authority{PEM_read_bio_X509(ca_bio.get(), nullptr, nullptr, nullptr)}) {
    if (X509_check_issued(authority.get(), certificate.get()) == X509_V_OK &&
        X509_verify(certificate.get(), X509_get0_pubkey(authority.get())) == 1) {
      return absl::OkStatus();
    }
  }
  return openssl_error("no CA certificate that came along has signed the new certificate");
}

}  // namespace muster::agent
