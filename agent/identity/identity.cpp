#include "agent/identity/identity.h"

#include <fmt/format.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <algorithm>

#include "common/files.h"
#include "common/openssl.h"

namespace muster::agent {
namespace {

// X.520: the longest common name.
constexpr size_t kCommonNameLimit = 64;
constexpr size_t kPemLimit = 1 << 20;
constexpr std::string_view kSuffix = ".pem";

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

absl::StatusOr<std::string> sign(const std::string& key_pem, const std::string& data) {
  const EvpPkeyPtr key = read_key(key_pem);
  const EvpMdCtxPtr context(EVP_MD_CTX_new());
  const auto* bytes = reinterpret_cast<const unsigned char*>(data.data());
  if (key == nullptr || context == nullptr) return openssl_error("reading the key");
  const EVP_MD* digest = EVP_PKEY_is_a(key.get(), "ED25519") == 1 ? nullptr : EVP_sha256();
  size_t size = 0;
  std::string signature;
  if (EVP_DigestSignInit(context.get(), nullptr, digest, nullptr, key.get()) != 1 ||
      EVP_DigestSign(context.get(), nullptr, &size, bytes, data.size()) != 1) {
    return openssl_error("signing");
  }
  signature.resize(size);
  if (EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                     bytes, data.size()) != 1) {
    return openssl_error("signing");
  }
  signature.resize(size);
  return signature;
}

absl::StatusOr<std::string> certificate_of(const std::string& pem) {
  const BioPtr in = memory_bio(pem);
  const X509Ptr certificate(PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr));
  const BioPtr out(BIO_new(BIO_s_mem()));
  if (certificate == nullptr || out == nullptr ||
      PEM_write_bio_X509(out.get(), certificate.get()) != 1) {
    return openssl_error("reading the certificate");
  }
  return bio_content(out.get());
}

std::string pending_path(const std::string& identity) {
  const bool has_suffix = identity.ends_with(kSuffix);
  const std::string stem = identity.substr(0, identity.size() - (has_suffix ? kSuffix.size() : 0));
  return stem + ".next.pem";
}

absl::StatusOr<std::string> pending_key(const std::string& identity) {
  const std::string path = pending_path(identity);
  const absl::StatusOr<std::string> waiting = read_file(path, kPemLimit);
  if (waiting.ok()) {
    const EvpPkeyPtr key = read_key(*waiting);
    const absl::StatusOr<std::string> held = read_file(identity, kPemLimit);
    const EvpPkeyPtr used = held.ok() ? read_key(*held) : nullptr;
    if (key != nullptr && (used == nullptr || EVP_PKEY_eq(key.get(), used.get()) != 1)) {
      return waiting;
    }
    (void)openssl_error("");
  } else if (!absl::IsNotFound(waiting.status())) {
    return waiting.status();
  }
  absl::StatusOr<std::string> key = make_key();
  if (!key.ok()) return key;
  remove_temporary_files(path);
  if (absl::Status written = write_file_atomically(path, *key, 0600); !written.ok()) return written;
  return key;
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
  if (X509_check_purpose(certificate.get(), X509_PURPOSE_SSL_CLIENT, 0) != 1) {
    return openssl_error("the new certificate is not for TLS clients");
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
