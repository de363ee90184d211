#include "tests/agent/probes/tls/test_ocsp.h"

#include <openssl/x509v3.h>

#include <cstdio>
#include <cstdlib>

#include "agent/probes/tls/verification_handles.h"

namespace muster::tls::test {
namespace {

void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "test_ocsp: %s failed\n", what);
  std::abort();
}

using TimePtr = std::unique_ptr<ASN1_TIME, OpensslDeleter<ASN1_TIME_free>>;
using GeneralizedPtr =
    std::unique_ptr<ASN1_GENERALIZEDTIME, OpensslDeleter<ASN1_GENERALIZEDTIME_free>>;
using ListPtr = std::unique_ptr<X509_CRL, OpensslDeleter<X509_CRL_free>>;

GeneralizedPtr generalized(int64_t seconds) {
  return GeneralizedPtr(ASN1_GENERALIZEDTIME_set(nullptr, seconds));
}

// OpenSSL's configuration has no text for numbers.
X509_EXTENSION* extension_of(int kind, std::string value, X509V3_CTX& context) {
  if (kind != NID_crl_number && kind != NID_delta_crl) {
    return X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
  }
  const bool is_critical = value.starts_with("critical,");
  if (is_critical) value.erase(0, value.find(',') + 1);
  ASN1_INTEGER* const number = ASN1_INTEGER_new();
  ASN1_INTEGER_set(number, std::atol(value.c_str()));
  X509_EXTENSION* const extension = X509V3_EXT_i2d(kind, is_critical ? 1 : 0, number);
  ASN1_INTEGER_free(number);
  return extension;
}

std::string response_der(OCSP_RESPONSE* response) {
  unsigned char* bytes = nullptr;
  const int size = i2d_OCSP_RESPONSE(response, &bytes);
  require(size > 0, "writing the response");
  std::string der(reinterpret_cast<const char*>(bytes), static_cast<size_t>(size));
  OPENSSL_free(bytes);
  return der;
}

}  // namespace

std::string make_ocsp_response(const std::vector<OcspEntry>& entries, const Identity& signer,
                               bool with_certificate) {
  const OcspBasicPtr basic(OCSP_BASICRESP_new());
  for (const OcspEntry& entry : entries) {
    const OcspCertIdPtr id(OCSP_cert_to_id(entry.digest, entry.leaf->certificate.get(),
                                           entry.issuer->certificate.get()));
    const bool revoked = entry.status == V_OCSP_CERTSTATUS_REVOKED;
    const GeneralizedPtr from = generalized(entry.this_update);
    const GeneralizedPtr until = generalized(entry.this_update + kNextUpdate - kThisUpdate);
    const GeneralizedPtr at = generalized(kRevokedAt);
    require(OCSP_basic_add1_status(basic.get(), id.get(), entry.status,
                                   revoked ? OCSP_REVOKED_STATUS_KEYCOMPROMISE : 0,
                                   revoked ? at.get() : nullptr, from.get(),
                                   entry.has_next_update ? until.get() : nullptr) != nullptr,
            "adding a status");
  }
  require(OCSP_basic_sign(basic.get(), signer.certificate.get(), signer.key.get(), EVP_sha256(),
                          nullptr, with_certificate ? 0 : OCSP_NOCERTS) == 1,
          "signing");
  const OcspResponsePtr response(
      OCSP_response_create(OCSP_RESPONSE_STATUS_SUCCESSFUL, basic.get()));
  return response_der(response.get());
}

std::string make_ocsp_refusal(int status) {
  const OcspResponsePtr response(OCSP_response_create(status, nullptr));
  return response_der(response.get());
}

std::string make_list(const ListSpec& spec, const Identity& issuer) {
  const ListPtr list(X509_CRL_new());
  X509_CRL_set_version(list.get(), X509_CRL_VERSION_2);
  X509_CRL_set_issuer_name(list.get(), X509_get_subject_name(issuer.certificate.get()));
  const TimePtr from(ASN1_TIME_set(nullptr, spec.this_update));
  X509_CRL_set1_lastUpdate(list.get(), from.get());
  if (spec.next_update != 0) {
    const TimePtr until(ASN1_TIME_set(nullptr, spec.next_update));
    X509_CRL_set1_nextUpdate(list.get(), until.get());
  }
  const TimePtr at(ASN1_TIME_set(nullptr, kRevokedAt));
  for (const long serial : spec.revoked) {
    X509_REVOKED* const entry = X509_REVOKED_new();
    ASN1_INTEGER* const number = ASN1_INTEGER_new();
    ASN1_INTEGER_set(number, serial);
    X509_REVOKED_set_serialNumber(entry, number);
    X509_REVOKED_set_revocationDate(entry, at.get());
    ASN1_INTEGER_free(number);
    require(X509_CRL_add0_revoked(list.get(), entry) == 1, "adding a serial");
  }
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer.certificate.get(), nullptr, nullptr, list.get(), 0);
  for (const auto& [kind, value] : spec.extensions) {
    X509_EXTENSION* const extension = extension_of(kind, value, context);
    require(extension != nullptr, value.c_str());
    X509_CRL_add_ext(list.get(), extension, -1);
    X509_EXTENSION_free(extension);
  }
  require(X509_CRL_sign(list.get(), issuer.key.get(), EVP_sha256()) > 0, "signing the list");
  unsigned char* bytes = nullptr;
  const int size = i2d_X509_CRL(list.get(), &bytes);
  require(size > 0, "writing the list");
  std::string der(reinterpret_cast<const char*>(bytes), static_cast<size_t>(size));
  OPENSSL_free(bytes);
  return der;
}

}  // namespace muster::tls::test
