#include "agent/probes/certificates/revocation_list_fields.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <memory>

#include "agent/probes/certificates/certificate_time.h"
#include "agent/probes/certificates/x509_texts.h"
#include "common/openssl.h"

namespace muster {
namespace {

using Asn1IntegerPtr = std::unique_ptr<ASN1_INTEGER, OpensslDeleter<ASN1_INTEGER_free>>;

}  // namespace

absl::StatusOr<v1::RevocationList> revocation_list_fields(X509_CRL* list) {
  v1::RevocationList out;
  const absl::StatusOr<int64_t> this_update = unix_seconds(X509_CRL_get0_lastUpdate(list));
  if (!this_update.ok()) return this_update.status();
  out.mutable_this_update()->set_seconds(*this_update);
  if (const ASN1_TIME* next = X509_CRL_get0_nextUpdate(list); next != nullptr) {
    const absl::StatusOr<int64_t> next_update = unix_seconds(next);
    if (!next_update.ok()) return next_update.status();
    out.mutable_next_update()->set_seconds(*next_update);
  }
  out.set_issuer(x509_name_text(X509_CRL_get_issuer(list), kX509NameLimit));
  const int revoked = sk_X509_REVOKED_num(X509_CRL_get_REVOKED(list));
  out.set_revoked(static_cast<uint32_t>(std::max(0, revoked)));
  const Asn1IntegerPtr number(
      static_cast<ASN1_INTEGER*>(X509_CRL_get_ext_d2i(list, NID_crl_number, nullptr, nullptr)));
  if (number != nullptr) out.set_number(x509_number_text(number.get()));
  ERR_clear_error();
  return out;
}

}  // namespace muster
