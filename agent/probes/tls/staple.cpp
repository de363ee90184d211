#include "agent/probes/tls/staple.h"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ocsp.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "agent/probes/certificates/certificate_time.h"
#include "agent/probes/tls/certificate_path.h"
#include "agent/probes/tls/tls_conversation.h"
#include "agent/probes/tls/trust_store.h"
#include "agent/probes/tls/verification_handles.h"
#include "common/timestamp.h"

namespace muster::tls {
namespace {

OcspWord says_nothing(std::string why) {
  OcspWord word;
  word.said.set_error(std::move(why));
  return word;
}

// RFC 6960, 4.2.1: an answer that is none.
std::string refusal_text(int status) {
  switch (status) {
    case OCSP_RESPONSE_STATUS_MALFORMEDREQUEST:
      return "the responder could not read the request";
    case OCSP_RESPONSE_STATUS_INTERNALERROR:
      return "the responder had an internal error";
    case OCSP_RESPONSE_STATUS_TRYLATER:
      return "the responder said to try later";
    case OCSP_RESPONSE_STATUS_SIGREQUIRED:
      return "the responder wants signed requests";
    case OCSP_RESPONSE_STATUS_UNAUTHORIZED:
      return "the responder does not answer for this certificate";
    default:
      return fmt::format("the responder refused with {}", status);
  }
}

// Why the response is not one that the issuer stands for; empty where it is: signed by it, or by
// whom it has given a certificate for that. Dates do not count.
std::string complaint_about_signer(OCSP_BASICRESP* basic, X509* issuer) {
  const X509StorePtr store(X509_STORE_new());
  X509_STORE_add_cert(store.get(), issuer);
  X509_STORE_set_flags(store.get(), X509_V_FLAG_NO_CHECK_TIME | X509_V_FLAG_PARTIAL_CHAIN);
  X509_VERIFY_PARAM_set_auth_level(X509_STORE_get0_param(store.get()), 0);
  const X509StackPtr signers(sk_X509_new_null());
  sk_X509_push(signers.get(), issuer);
  ERR_clear_error();
  const bool holds = OCSP_basic_verify(basic, signers.get(), store.get(), OCSP_NOEXPLICIT) == 1;
  const int reason = ERR_GET_REASON(ERR_peek_last_error());
  const bool is_of_ocsp = ERR_GET_LIB(ERR_peek_last_error()) == ERR_LIB_OCSP;
  ERR_clear_error();
  if (holds) return {};
  if (!is_of_ocsp) return "its signature is wrong";
  switch (reason) {
    case OCSP_R_SIGNER_CERTIFICATE_NOT_FOUND:
      return "who signed it is neither the certificate's issuer nor in it";
    case OCSP_R_SIGNATURE_FAILURE:
    case OCSP_R_NO_SIGNER_KEY:
      return "its signature is wrong";
    case OCSP_R_MISSING_OCSPSIGNING_USAGE:
      return "who signed it has a certificate of the issuer that is not for OCSP";
    case OCSP_R_CERTIFICATE_VERIFY_ERROR:
      return "who signed it was not appointed by the certificate's issuer";
    default:
      return "it is not of the certificate's issuer";
  }
}

// What is said counts no longer than the certificate of who signed it, if that is not the issuer
// itself: the key of a responder that was replaced long ago may be anybody's by now.
void end_with_signer(OCSP_BASICRESP* basic, X509* issuer, v1::OcspStaple& said) {
  X509* signer = nullptr;
  const X509StackPtr others(sk_X509_new_null());
  sk_X509_push(others.get(), issuer);
  if (OCSP_resp_get0_signer(basic, &signer, others.get()) != 1 || signer == issuer) return;
  const absl::StatusOr<int64_t> end = unix_seconds(X509_get0_notAfter(signer));
  if (!end.ok()) {
    said = says_nothing("the certificate of who signed it has no end that can be read").said;
  } else if (!said.has_next_update() || said.next_update().seconds() > *end) {
    said.mutable_next_update()->set_seconds(*end);
  }
}

bool is_about(const OCSP_CERTID* id, const X509* leaf, const X509* issuer) {
  ASN1_OBJECT* digest = nullptr;
  // OpenSSL has it without const, and reads only.
  OCSP_id_get0_info(nullptr, &digest, nullptr, nullptr, const_cast<OCSP_CERTID*>(id));
  const EVP_MD* const method = EVP_get_digestbyobj(digest);
  if (method == nullptr) return false;
  const OcspCertIdPtr own(OCSP_cert_to_id(method, leaf, issuer));
  return own != nullptr && OCSP_id_cmp(own.get(), id) == 0;
}

v1::Revocation status_of(int status) {
  switch (status) {
    case V_OCSP_CERTSTATUS_GOOD:
      return v1::REVOCATION_GOOD;
    case V_OCSP_CERTSTATUS_REVOKED:
      return v1::REVOCATION_REVOKED;
    default:
      return v1::REVOCATION_UNKNOWN;
  }
}

OcspWord word_of(OCSP_SINGLERESP* single) {
  ASN1_GENERALIZEDTIME* revoked = nullptr;
  ASN1_GENERALIZEDTIME* from = nullptr;
  ASN1_GENERALIZEDTIME* until = nullptr;
  const int status = OCSP_single_get0_status(single, nullptr, &revoked, &from, &until);
  const absl::StatusOr<int64_t> this_update = unix_seconds(from);
  if (!this_update.ok()) return says_nothing("its date cannot be read");
  OcspWord word;
  word.said.mutable_this_update()->set_seconds(*this_update);
  if (until != nullptr) {
    const absl::StatusOr<int64_t> next_update = unix_seconds(until);
    if (!next_update.ok()) return says_nothing("its date cannot be read");
    word.said.mutable_next_update()->set_seconds(*next_update);
  }
  word.said.set_status(status_of(status));
  if (status == V_OCSP_CERTSTATUS_REVOKED) {
    const absl::StatusOr<int64_t> at = unix_seconds(revoked);
    if (at.ok()) word.revoked_at.emplace().set_seconds(*at);
  }
  return word;
}

OcspWord word_about(OCSP_BASICRESP* basic, X509* leaf, X509* issuer) {
  OcspWord found = says_nothing("it is about another certificate");
  for (int i = 0; i < OCSP_resp_count(basic); ++i) {
    OCSP_SINGLERESP* const single = OCSP_resp_get0(basic, i);
    if (!is_about(OCSP_SINGLERESP_get0_id(single), leaf, issuer)) continue;
    OcspWord word = word_of(single);
    const bool is_revoked = word.said.status() == v1::REVOCATION_REVOKED;
    if (is_revoked || !found.said.has_this_update()) found = std::move(word);
    if (is_revoked) break;
  }
  return found;
}

std::vector<X509Ptr> decoded_chain(std::span<const std::string> chain) {
  std::vector<X509Ptr> certificates;
  for (const std::string& der : chain.subspan(0, std::min(chain.size(), kMostServedCertificates)))
    certificates.push_back(decoded(der));
  return certificates;
}

}  // namespace

OcspWord read_ocsp_response(std::string_view response, std::span<const std::string> chain,
                            const TrustStore* store) {
  if (response.size() > kLargestOcspResponse) {
    return says_nothing(fmt::format("it is larger than {} KiB", kLargestOcspResponse >> 10));
  }
  const auto* cursor = reinterpret_cast<const unsigned char*>(response.data());
  const unsigned char* const end = cursor + response.size();
  const OcspResponsePtr decoded_response(
      d2i_OCSP_RESPONSE(nullptr, &cursor, static_cast<long>(response.size())));
  ERR_clear_error();
  if (decoded_response == nullptr || cursor != end) return says_nothing("it cannot be decoded");
  const int status = OCSP_response_status(decoded_response.get());
  if (status != OCSP_RESPONSE_STATUS_SUCCESSFUL) return says_nothing(refusal_text(status));
  const OcspBasicPtr basic(OCSP_response_get1_basic(decoded_response.get()));
  ERR_clear_error();
  if (basic == nullptr) return says_nothing("it cannot be decoded");
  const std::vector<X509Ptr> served = decoded_chain(chain);
  if (served.empty() || served.front() == nullptr) return says_nothing("there is no certificate");
  X509* const leaf = served.front().get();
  X509* const issuer =
      find_issuer(leaf, served, store == nullptr ? nullptr : &store->authorities());
  if (issuer == nullptr) {
    return says_nothing("the certificate's issuer, who would have signed it, was not served");
  }
  if (std::string complaint = complaint_about_signer(basic.get(), issuer); !complaint.empty()) {
    return says_nothing(std::move(complaint));
  }
  OcspWord word = word_about(basic.get(), leaf, issuer);
  if (word.said.error().empty()) end_with_signer(basic.get(), issuer, word.said);
  ERR_clear_error();
  return word;
}

v1::OcspStaple read_staple(std::string_view response, std::span<const std::string> chain,
                           const TrustStore* store) {
  return read_ocsp_response(response, chain, store).said;
}

RevocationAnswer revocation_by_staple(std::string_view response, std::span<const std::string> chain,
                                      const TrustStore* store) {
  if (response.empty()) return {};
  const OcspWord word = read_ocsp_response(response, chain, store);
  if (!word.said.error().empty()) {
    return {.status = v1::REVOCATION_UNKNOWN,
            .detail = fmt::format("of the staple: {}", word.said.error())};
  }
  if (word.said.status() == v1::REVOCATION_UNKNOWN) {
    return {.status = v1::REVOCATION_UNKNOWN,
            .detail = "the staple says that its responder does not know the certificate"};
  }
  return {.status = word.said.status(), .detail = "by the staple", .revoked_at = word.revoked_at};
}

}  // namespace muster::tls
