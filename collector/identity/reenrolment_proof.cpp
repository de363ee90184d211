#include "collector/identity/reenrolment_proof.h"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "common/duration.h"
#include "common/openssl.h"
#include "common/timestamp.h"

namespace muster::collector {
namespace {

// RSA of 8,192 bits, the largest key that gets a certificate.
constexpr size_t kSignatureLimit = 1024;
// Roots that overlap in a change of the CA, and some.
constexpr int kMostRoots = 16;

using StoreContextPtr = std::unique_ptr<X509_STORE_CTX, OpensslDeleter<X509_STORE_CTX_free>>;

absl::Status not_ours() {
  return absl::PermissionDeniedError(
      "that certificate does not prove which host this is. Enrol the host with a token: "
      "`muster-collector token create` at the collector, then `muster-agent enroll` here");
}

absl::StatusOr<X509StorePtr> read_roots(std::string_view pem) {
  X509StorePtr roots(X509_STORE_new());
  const BioPtr bio = memory_bio(pem);
  if (roots == nullptr || bio == nullptr) return openssl_error("making a store of CA certificates");
  char no_passphrase[] = "";
  int count = 0;
  for (; count < kMostRoots; ++count) {
    const X509Ptr root(PEM_read_bio_X509(bio.get(), nullptr, nullptr, no_passphrase));
    if (root == nullptr) break;
    if (X509_STORE_add_cert(roots.get(), root.get()) != 1) {
      return openssl_error("adding a CA certificate");
    }
  }
  if (count == 0) return openssl_error("reading the CA certificates");
  // The end of the PEM is an error to OpenSSL.
  ERR_clear_error();
  return roots;
}

// Whether it is a client's certificate by one of the roots. An end that is past is left to the
// grace: it is looked at as on its last day.
bool is_ours(X509* certificate, X509_STORE* roots, TimePoint not_after, TimePoint now) {
  const StoreContextPtr context(X509_STORE_CTX_new());
  if (context == nullptr || X509_STORE_CTX_init(context.get(), roots, certificate, nullptr) != 1 ||
      X509_STORE_CTX_set_purpose(context.get(), X509_PURPOSE_SSL_CLIENT) != 1) {
    return false;
  }
  // To OpenSSL the last second is past the end.
  const TimePoint when = std::min(now, not_after - std::chrono::seconds(1));
  X509_VERIFY_PARAM_set_time(
      X509_STORE_CTX_get0_param(context.get()),
      std::chrono::floor<std::chrono::seconds>(when).time_since_epoch().count());
  return X509_verify_cert(context.get()) == 1;
}

bool signed_by(EVP_PKEY* key, std::string_view signature, std::string_view text) {
  const EvpMdCtxPtr context(EVP_MD_CTX_new());
  // Ed25519 brings its own digest and accepts none.
  const EVP_MD* digest = EVP_PKEY_get_id(key) == EVP_PKEY_ED25519 ? nullptr : EVP_sha256();
  return context != nullptr &&
         EVP_DigestVerifyInit(context.get(), nullptr, digest, nullptr, key) == 1 &&
         EVP_DigestVerify(context.get(), reinterpret_cast<const unsigned char*>(signature.data()),
                          signature.size(), reinterpret_cast<const unsigned char*>(text.data()),
                          text.size()) == 1;
}

}  // namespace

absl::StatusOr<ClientCertificate> check_reenrolment(const v1::ReenrolRequest& request,
                                                    const ReenrolmentRules& rules, TimePoint now) {
  if (request.signature().size() > kSignatureLimit) {
    return absl::InvalidArgumentError(
        fmt::format("the signature is larger than {} bytes", kSignatureLimit));
  }
  const absl::StatusOr<X509Ptr> certificate = parse_certificate(request.certificate());
  if (!certificate.ok()) return certificate.status();
  const absl::StatusOr<X509StorePtr> roots = read_roots(rules.ca_certificates);
  if (!roots.ok()) return absl::InternalError(roots.status().message());

  absl::StatusOr<ClientCertificate> host =
      read_client_certificate(certificate->get(), rules.trust_domain);
  const bool is_proved = host.ok() &&
                         is_ours(certificate->get(), roots->get(), host->not_after, now) &&
                         signed_by(X509_get0_pubkey(certificate->get()), request.signature(),
                                   request.certificate_signing_request());
  // What OpenSSL found wrong is nobody's business.
  ERR_clear_error();
  if (!is_proved) return not_ours();
  if (now <= host->not_after + rules.grace) return host;
  return absl::PermissionDeniedError(fmt::format(
      "the certificate of this host ended at {}, and the collector renews those that "
      "ended at most {} ago (reenroll_grace). Enrol the host with a token: "
      "`muster-collector token create` at the collector, then `muster-agent enroll` here",
      to_iso8601(host->not_after), format_duration(rules.grace)));
}

}  // namespace muster::collector
