#include "collector/identity/client_certificate.h"

#include <fmt/format.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <ctime>
#include <utility>

#include "collector/identity/certificate_authority.h"
#include "collector/identity/certificate_generation.h"

namespace muster::collector {
namespace {

constexpr size_t kCertificateLimit = 16 * 1024;

using GeneralNamesPtr = std::unique_ptr<GENERAL_NAMES, OpensslDeleter<GENERAL_NAMES_free>>;

// As gRPC does: one that has several is nobody in particular.
absl::StatusOr<std::string> only_uri(const X509* certificate) {
  const GeneralNamesPtr names(static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
  const int count = names == nullptr ? 0 : sk_GENERAL_NAME_num(names.get());
  const ASN1_STRING* uri = nullptr;
  for (int i = 0; i < count; ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
    if (name->type != GEN_URI) continue;
    if (uri != nullptr) return absl::NotFoundError("the certificate has several URIs");
    uri = name->d.uniformResourceIdentifier;
  }
  if (uri == nullptr) return absl::NotFoundError("the certificate has no URI");
  return std::string(reinterpret_cast<const char*>(ASN1_STRING_get0_data(uri)),
                     static_cast<size_t>(ASN1_STRING_length(uri)));
}

absl::StatusOr<TimePoint> to_time_point(const ASN1_TIME* time) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return openssl_error("reading when a certificate ends");
  return TimePoint(std::chrono::seconds(timegm(&parts)));
}

}  // namespace

absl::StatusOr<X509Ptr> parse_certificate(std::string_view pem) {
  if (pem.size() > kCertificateLimit) {
    return absl::InvalidArgumentError(
        fmt::format("the certificate is larger than {} bytes", kCertificateLimit));
  }
  const BioPtr bio = memory_bio(pem);
  // An empty passphrase: OpenSSL would ask on the terminal for an encrypted block.
  char no_passphrase[] = "";
  X509Ptr certificate(PEM_read_bio_X509(bio.get(), nullptr, nullptr, no_passphrase));
  if (certificate == nullptr) return openssl_error("reading the certificate");
  return certificate;
}

absl::StatusOr<ClientCertificate> read_client_certificate(const X509* certificate,
                                                          std::string_view trust_domain) {
  const absl::StatusOr<std::string> uri = only_uri(certificate);
  if (!uri.ok()) return uri.status();
  absl::StatusOr<std::string> host_id = host_id_from_uri(*uri, trust_domain);
  if (!host_id.ok()) return host_id.status();
  const absl::StatusOr<TimePoint> not_after = to_time_point(X509_get0_notAfter(certificate));
  if (!not_after.ok()) return not_after.status();
  ClientCertificate client{.host_id = *std::move(host_id),
                           .identity = {.generation = generation_of(certificate), .key_sha256 = {}},
                           .not_after = *not_after};
  const EVP_PKEY* key = X509_get0_pubkey(certificate);
  if (key != nullptr) client.identity.key_sha256 = public_key_sha256(key);
  if (client.identity.key_sha256.empty()) {
    return openssl_error("reading the key of the certificate");
  }
  return client;
}

}  // namespace muster::collector
