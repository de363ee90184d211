#include "agent/probes/tls/verification_handles.h"

#include <openssl/err.h>

#include "agent/probes/certificates/x509_texts.h"

namespace muster::tls {
namespace {

constexpr size_t kNameShown = 256;

}  // namespace

X509Ptr decoded(std::string_view der) {
  const auto* cursor = reinterpret_cast<const unsigned char*>(der.data());
  const unsigned char* const end = cursor + der.size();
  X509Ptr certificate(d2i_X509(nullptr, &cursor, static_cast<long>(der.size())));
  ERR_clear_error();
  if (cursor != end) certificate.reset();
  return certificate;
}

std::string subject_text(const X509* certificate) {
  return x509_name_text(X509_get_subject_name(certificate), kNameShown);
}

std::string issuer_text(const X509* certificate) {
  return x509_name_text(X509_get_issuer_name(certificate), kNameShown);
}

}  // namespace muster::tls
