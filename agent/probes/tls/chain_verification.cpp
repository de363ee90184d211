#include "agent/probes/tls/chain_verification.h"

#include <fmt/format.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "agent/probes/certificates/certificate_fields.h"
#include "agent/probes/certificates/certificate_time.h"
#include "agent/probes/tls/certificate_path.h"
#include "agent/probes/tls/tls_conversation.h"
#include "agent/probes/tls/trust_store.h"
#include "agent/probes/tls/verification_handles.h"
#include "common/digest.h"
#include "common/text.h"

namespace muster::tls {
namespace {

void set_anchor(X509* anchor, v1::ServedChain& out) {
  out.set_anchor(subject_text(anchor));
  const absl::StatusOr<int64_t> end = unix_seconds(X509_get0_notAfter(anchor));
  if (end.ok()) out.mutable_anchor_not_after()->set_seconds(*end);
}

// An empty one where it cannot be read, and why.
std::string describe_certificate(X509* certificate, std::string_view der, v1::Certificate& out) {
  if (certificate == nullptr) return "it cannot be decoded";
  absl::StatusOr<CertificateFields> fields = certificate_fields(certificate);
  if (!fields.ok()) {
    return printable({fields.status().message().data(), fields.status().message().size()});
  }
  out = std::move(fields->certificate);
  out.set_sha256(to_hex(sha256(der)));
  return {};
}

bool is_consecutive(const std::vector<size_t>& positions) {
  for (size_t i = 0; i < positions.size(); ++i) {
    if (positions[i] != i) return false;
  }
  return true;
}

}  // namespace

v1::ServedChain describe_chain(std::span<const std::string> chain, size_t omitted,
                               const TrustStore& store) {
  v1::ServedChain out;
  const std::span<const std::string> read =
      chain.subspan(0, std::min(chain.size(), kMostServedCertificates));
  out.set_certificates_omitted(static_cast<uint32_t>(omitted + chain.size() - read.size()));
  std::vector<X509Ptr> served;
  std::string unreadable;
  for (size_t i = 0; i < read.size(); ++i) {
    X509Ptr certificate = decoded(read[i]);
    const std::string why =
        describe_certificate(certificate.get(), read[i], *out.add_certificates());
    if (!why.empty() && unreadable.empty()) {
      unreadable = fmt::format("certificate {} of it cannot be read: {}", i + 1, why);
    }
    served.push_back(std::move(certificate));
  }
  if (!served.empty() && served.front() != nullptr) {
    const uint32_t usage = X509_get_extended_key_usage(served.front().get());
    out.set_for_servers((usage & (XKU_SSL_SERVER | XKU_SGC)) != 0);
  }
  if (served.empty()) {
    out.set_trust_detail("no certificate was served");
  } else if (const std::string& why = store.authorities().missing_why(); !why.empty()) {
    out.set_trust_detail(printable(why));
  } else if (!unreadable.empty()) {
    out.set_trust(v1::CHAIN_TRUST_BROKEN);
    out.set_trust_detail(unreadable);
  } else {
    CertificatePath path = find_path(served, store.authorities());
    out.set_trust(path.trust);
    out.set_trust_detail(std::move(path.detail));
    out.set_misordered(!is_consecutive(path.positions));
    if (path.anchor != nullptr) set_anchor(path.anchor, out);
  }
  return out;
}

}  // namespace muster::tls
