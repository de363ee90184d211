#include "collector/identity/certificate_authority.h"

#include <fmt/format.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <ctime>
#include <utility>

#include "collector/identity/certificate_builder.h"
#include "collector/identity/signing_request.h"
#include "common/digest.h"
#include "common/text.h"

namespace muster::collector {
namespace {

constexpr Duration kAuthorityLifetime = std::chrono::days(3650);
// Hosts whose clock is behind must not find their certificate in the future.
constexpr Duration kEarlyStart = std::chrono::hours(24);
constexpr size_t kHostIdLength = 32;

absl::Status bad_trust_domain(std::string_view text) {
  return absl::InvalidArgumentError(
      fmt::format("\"{}\" is not a trust domain: lower-case letters, digits, '.', '-' and '_'",
                  printable(text, 300)));
}

bool is_host_id(std::string_view text) {
  return text.size() == kHostIdLength && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

std::string common_name_of(const X509* certificate) {
  constexpr size_t kLimit = 64;
  char name[4 * kLimit + 1] = "";
  if (X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName, name,
                                sizeof name) < 0) {
    return "";
  }
  return printable(name, sizeof name);
}

TimePoint end_of(const X509* certificate) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &parts) != 1) return TimePoint();
  return TimePoint(std::chrono::seconds(::timegm(&parts)));
}

}  // namespace

absl::StatusOr<std::string> certificate_sha256(const X509* certificate) {
  unsigned char* der = nullptr;
  const int size = i2d_X509(certificate, &der);
  if (size < 0) return openssl_error("encoding the CA certificate");
  std::string digest =
      to_hex(sha256({reinterpret_cast<const char*>(der), static_cast<size_t>(size)}));
  OPENSSL_free(der);
  return digest;
}

absl::StatusOr<KeyPair> CertificateAuthority::generate(const std::string& trust_domain,
                                                       TimePoint now, std::string_view suffix) {
  if (!is_trust_domain(trust_domain)) return bad_trust_domain(trust_domain);
  absl::StatusOr<EvpPkeyPtr> key = generate_key();
  if (!key.ok()) return key.status();
  absl::StatusOr<X509Ptr> certificate =
      build_certificate({.common_name = fmt::format("Muster CA {}{}{}", trust_domain,
                                                    suffix.empty() ? "" : " ", suffix),
                         .generation = 0,
                         .usage = CertificateUsage::kAuthority,
                         .alternative_names = {},
                         .not_before = now - kEarlyStart,
                         .not_after = now + kAuthorityLifetime},
                        key->get(), nullptr, key->get());
  if (!certificate.ok()) return certificate.status();
  return to_key_pair(certificate->get(), key->get());
}

absl::StatusOr<CertificateAuthority> CertificateAuthority::load(const KeyPair& pair,
                                                                std::string trust_domain) {
  if (!is_trust_domain(trust_domain)) return bad_trust_domain(trust_domain);
  CertificateAuthority authority;
  const BioPtr certificate = memory_bio(pair.certificate);
  authority.certificate_.reset(PEM_read_bio_X509(certificate.get(), nullptr, nullptr, nullptr));
  if (authority.certificate_ == nullptr) return openssl_error("reading the CA certificate");
  const BioPtr key = memory_bio(pair.key);
  // An empty passphrase: OpenSSL would ask on the terminal for an encrypted key.
  char no_passphrase[] = "";
  authority.key_.reset(PEM_read_bio_PrivateKey(key.get(), nullptr, nullptr, no_passphrase));
  if (authority.key_ == nullptr) return openssl_error("reading the CA key");
  if (X509_check_ca(authority.certificate_.get()) != 1) {
    return absl::InvalidArgumentError("the CA certificate is not that of a CA");
  }
  if (X509_check_private_key(authority.certificate_.get(), authority.key_.get()) != 1) {
    return openssl_error("the CA certificate and the CA key do not belong together");
  }
  absl::StatusOr<std::string> pem = to_pem(authority.certificate_.get());
  if (!pem.ok()) return pem.status();
  absl::StatusOr<std::string> digest = certificate_sha256(authority.certificate_.get());
  if (!digest.ok()) return digest.status();
  authority.pem_ = *std::move(pem);
  authority.sha256_ = *std::move(digest);
  authority.name_ = common_name_of(authority.certificate_.get());
  authority.not_after_ = end_of(authority.certificate_.get());
  authority.trust_domain_ = std::move(trust_domain);
  return authority;
}

absl::StatusOr<KeyPair> CertificateAuthority::issue_server(const std::vector<std::string>& names,
                                                           TimePoint now, Duration lifetime) const {
  if (names.empty()) {
    return absl::InvalidArgumentError("a server certificate needs at least one name");
  }
  absl::StatusOr<EvpPkeyPtr> key = generate_key();
  if (!key.ok()) return key.status();
  CertificateContent content{.common_name = names.front(),
                             .generation = 0,
                             .usage = CertificateUsage::kServer,
                             .alternative_names = {},
                             .not_before = now - kEarlyStart,
                             .not_after = now + lifetime};
  for (const std::string& name : names) {
    absl::StatusOr<std::string> alternative_name = server_alternative_name(name);
    if (!alternative_name.ok()) return alternative_name.status();
    content.alternative_names.push_back(*std::move(alternative_name));
  }
  absl::StatusOr<X509Ptr> certificate =
      build_certificate(content, key->get(), certificate_.get(), key_.get());
  if (!certificate.ok()) return certificate.status();
  return to_key_pair(certificate->get(), key->get());
}

absl::StatusOr<std::string> CertificateAuthority::issue_client(const std::string& csr_pem,
                                                               const std::string& host_id,
                                                               uint64_t generation, TimePoint now,
                                                               Duration lifetime) const {
  if (!is_host_id(host_id)) {
    return absl::InvalidArgumentError("a host id is 32 hex digits");
  }
  absl::StatusOr<EvpPkeyPtr> key = read_signing_request(csr_pem);
  if (!key.ok()) return key.status();
  absl::StatusOr<X509Ptr> certificate = build_certificate(
      {.common_name = host_id,
       .generation = generation,
       .usage = CertificateUsage::kClient,
       .alternative_names = {fmt::format("URI:spiffe://{}/host/{}", trust_domain_, host_id)},
       .not_before = now - kEarlyStart,
       .not_after = now + lifetime},
      key->get(), certificate_.get(), key_.get());
  if (!certificate.ok()) return certificate.status();
  return to_pem(certificate->get());
}

bool CertificateAuthority::has_signed(X509& certificate) const {
  return X509_verify(&certificate, X509_get0_pubkey(certificate_.get())) == 1;
}

const std::string& CertificateAuthority::certificate_pem() const {
  return pem_;
}
const std::string& CertificateAuthority::trust_domain() const {
  return trust_domain_;
}
const std::string& CertificateAuthority::sha256() const {
  return sha256_;
}
const std::string& CertificateAuthority::name() const {
  return name_;
}
TimePoint CertificateAuthority::not_after() const {
  return not_after_;
}

bool is_trust_domain(std::string_view text) {
  constexpr size_t kLimit = 255;
  return !text.empty() && text.size() <= kLimit &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' ||
                  c == '_';
         });
}

absl::StatusOr<std::string> host_id_from_uri(std::string_view uri, std::string_view trust_domain) {
  const std::string prefix = fmt::format("spiffe://{}/host/", trust_domain);
  if (uri.starts_with(prefix) && is_host_id(uri.substr(prefix.size()))) {
    return std::string(uri.substr(prefix.size()));
  }
  return absl::NotFoundError(fmt::format("not of the form {}<32 hex digits>", prefix));
}

}  // namespace muster::collector
