#include "agent/probes/tls/revocation_list.h"

#include <fmt/format.h>
#include <openssl/asn1t.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "agent/probes/certificates/certificate_time.h"
#include "agent/probes/tls/answer_age.h"
#include "agent/probes/tls/certificate_urls.h"
#include "agent/probes/tls/der_reader.h"
#include "agent/probes/tls/verification_handles.h"

namespace muster::tls {
namespace {

constexpr size_t kExtensionsLimit = size_t{64} << 10;
constexpr const char* kUnreadable = "its list cannot be decoded";

using AlgorPtr = std::unique_ptr<X509_ALGOR, OpensslDeleter<X509_ALGOR_free>>;
using BitsPtr = std::unique_ptr<ASN1_BIT_STRING, OpensslDeleter<ASN1_BIT_STRING_free>>;
using AnyPtr = std::unique_ptr<ASN1_TYPE, OpensslDeleter<ASN1_TYPE_free>>;
using NamePtr = std::unique_ptr<X509_NAME, OpensslDeleter<X509_NAME_free>>;
using TimePtr = std::unique_ptr<ASN1_TIME, OpensslDeleter<ASN1_TIME_free>>;
struct FreeExtensions {
  void operator()(X509_EXTENSIONS* extensions) const {
    sk_X509_EXTENSION_pop_free(extensions, X509_EXTENSION_free);
  }
};
using ExtensionsPtr = std::unique_ptr<X509_EXTENSIONS, FreeExtensions>;

template <typename Pointer, typename Decode>
Pointer decode(Decode d2i, std::string_view der) {
  const auto* cursor = reinterpret_cast<const unsigned char*>(der.data());
  return Pointer(d2i(nullptr, &cursor, static_cast<long>(der.size())));
}

bool is_signed_by(X509* issuer, std::string_view content, std::string_view algorithm,
                  std::string_view signature) {
  const auto alg = decode<AlgorPtr>(&d2i_X509_ALGOR, algorithm);
  const auto bits = decode<BitsPtr>(&d2i_ASN1_BIT_STRING, signature);
  // As it is, with its tag: what was signed.
  const auto signed_part = decode<AnyPtr>(&d2i_ASN1_TYPE, content);
  EVP_PKEY* const key = X509_get0_pubkey(issuer);
  const bool is_whole = alg != nullptr && bits != nullptr && signed_part != nullptr;
  const bool holds = is_whole && key != nullptr &&
                     ASN1_item_verify(ASN1_ITEM_rptr(ASN1_ANY), alg.get(), bits.get(),
                                      signed_part.get(), key) == 1;
  ERR_clear_error();
  return holds;
}

bool is_time(const DerReader& reader) {
  return reader.next_is(V_ASN1_UTCTIME) || reader.next_is(V_ASN1_GENERALIZEDTIME);
}

std::optional<int64_t> take_time(DerReader& reader) {
  const int tag = reader.next_is(V_ASN1_UTCTIME) ? V_ASN1_UTCTIME : V_ASN1_GENERALIZEDTIME;
  const auto time = decode<TimePtr>(&d2i_ASN1_TIME, reader.take(tag).whole);
  ERR_clear_error();
  if (time == nullptr) return {};
  const absl::StatusOr<int64_t> seconds = unix_seconds(time.get());
  return seconds.ok() ? std::optional(*seconds) : std::nullopt;
}

// An integer's bytes, of however many zeros it was written with.
std::string_view without_padding(std::string_view integer) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(integer[i]); };
  while (integer.size() > 1 &&
         ((byte(0) == 0 && byte(1) < 0x80) || (byte(0) == 0xff && byte(1) >= 0x80))) {
    integer.remove_prefix(1);
  }
  return integer;
}

std::string serial_bytes(const X509* certificate) {
  unsigned char* bytes = nullptr;
  const int size = i2d_ASN1_INTEGER(X509_get0_serialNumber(certificate), &bytes);
  if (size <= 0) return {};
  const std::string der(reinterpret_cast<const char*>(bytes), static_cast<size_t>(size));
  OPENSSL_free(bytes);
  return std::string(without_padding(DerReader(der).take(V_ASN1_INTEGER).content));
}

bool have_one_in_common(const std::vector<std::string>& some,
                        const std::vector<std::string>& others) {
  return std::any_of(some.begin(), some.end(), [&](const std::string& one) {
    return std::find(others.begin(), others.end(), one) != others.end();
  });
}

}  // namespace

absl::StatusOr<std::unique_ptr<RevocationList>> RevocationList::read(std::string der,
                                                                     X509* issuer) {
  std::unique_ptr<RevocationList> list(new RevocationList(std::move(der)));
  if (const std::string complaint = list->take_fields(issuer); !complaint.empty()) {
    return absl::InvalidArgumentError(complaint);
  }
  return list;
}

//   CertificateList ::= SEQUENCE {
//     SEQUENCE { version OPTIONAL, algorithm, issuer, thisUpdate, nextUpdate OPTIONAL,
//                revokedCertificates OPTIONAL, [0] extensions OPTIONAL },
//     algorithm, signature }
std::string RevocationList::take_fields(X509* issuer) {
  const DerValue whole = DerReader(der_).take(V_ASN1_SEQUENCE);
  if (whole.whole.size() != der_.size()) return kUnreadable;
  DerReader outer(whole.content);
  const DerValue content = outer.take(V_ASN1_SEQUENCE);
  const DerValue algorithm = outer.take(V_ASN1_SEQUENCE);
  const DerValue signature = outer.take(V_ASN1_BIT_STRING);
  DerReader fields(content.content);
  if (fields.next_is(V_ASN1_INTEGER)) fields.take(V_ASN1_INTEGER);
  const DerValue inner_algorithm = fields.take(V_ASN1_SEQUENCE);
  const auto name = decode<NamePtr>(&d2i_X509_NAME, fields.take(V_ASN1_SEQUENCE).whole);
  ERR_clear_error();
  this_update_ = take_time(fields);
  if (is_time(fields)) {
    next_update_ = take_time(fields);
    if (!next_update_) return kUnreadable;
  }
  if (fields.next_is(V_ASN1_SEQUENCE)) entries_ = fields.take(V_ASN1_SEQUENCE).content;
  const DerValue extensions = fields.take_context(0);
  const bool is_list = outer.ok() && outer.empty() && fields.ok() && fields.empty();
  if (!is_list || name == nullptr || !this_update_ || algorithm.whole != inner_algorithm.whole) {
    return kUnreadable;
  }
  if (X509_NAME_cmp(name.get(), X509_get_subject_name(issuer)) != 0) {
    return "its list is another authority's";
  }
  if ((X509_get_key_usage(issuer) & KU_CRL_SIGN) == 0) {
    return "the certificate's issuer may not sign lists";
  }
  if (!is_signed_by(issuer, content.whole, algorithm.whole, signature.whole)) {
    return "its list is not signed by the certificate's issuer";
  }
  return take_extensions(extensions.content);
}

std::string RevocationList::take_extensions(std::string_view bytes) {
  if (bytes.empty()) return {};
  if (bytes.size() > kExtensionsLimit) return kUnreadable;
  const auto extensions = decode<ExtensionsPtr>(&d2i_X509_EXTENSIONS, bytes);
  ERR_clear_error();
  if (extensions == nullptr) return kUnreadable;
  for (int i = 0; i < sk_X509_EXTENSION_num(extensions.get()); ++i) {
    X509_EXTENSION* const extension = sk_X509_EXTENSION_value(extensions.get(), i);
    const int kind = OBJ_obj2nid(X509_EXTENSION_get_object(extension));
    if (kind == NID_delta_crl) return "its list has only what changed since another one";
    if (kind == NID_issuing_distribution_point) continue;
    if (X509_EXTENSION_get_critical(extension) != 0) {
      return "its list has a critical extension that is not known here";
    }
  }
  int found = -1;
  const IssuingPointPtr point(static_cast<ISSUING_DIST_POINT*>(
      X509V3_get_d2i(extensions.get(), NID_issuing_distribution_point, &found, nullptr)));
  ERR_clear_error();
  // -1: there is none; else there is one that cannot be read, or there are two.
  if (point == nullptr) return found == -1 ? std::string() : kUnreadable;
  if (point->indirectCRL > 0) return "its list is of several authorities";
  if (point->onlysomereasons != nullptr) return "its list is for some reasons only";
  if (point->onlyattr > 0) return "its list is not about such certificates";
  only_authorities_ = point->onlyCA > 0;
  only_others_ = point->onlyuser > 0;
  is_part_ = point->distpoint != nullptr;
  if (is_part_ && point->distpoint->type == 0) urls_ = urls_of(point->distpoint->name.fullname);
  return {};
}

std::string RevocationList::why_not_about(X509* certificate) const {
  const bool is_authority = X509_check_ca(certificate) != 0;
  if (is_authority ? only_others_ : only_authorities_) {
    return "its list is not about such certificates";
  }
  if (is_part_ && !have_one_in_common(urls_, list_urls(certificate))) {
    return "its list is the part for other certificates";
  }
  return {};
}

RevocationAnswer RevocationList::about(X509* certificate, TimePoint now) const {
  const std::string serial = serial_bytes(certificate);
  DerReader entries(entries_);
  while (entries.ok() && !entries.empty()) {
    DerReader entry(entries.take(V_ASN1_SEQUENCE).content);
    const DerValue number = entry.take(V_ASN1_INTEGER);
    if (!entry.ok()) return {.status = v1::REVOCATION_UNKNOWN, .detail = kUnreadable};
    if (serial.empty() || without_padding(number.content) != serial) continue;
    RevocationAnswer answer{.status = v1::REVOCATION_REVOKED};
    const std::optional<int64_t> at = take_time(entry);
    if (at) answer.revoked_at.emplace().set_seconds(*at);
    return answer;
  }
  if (!entries.ok()) return {.status = v1::REVOCATION_UNKNOWN, .detail = kUnreadable};
  if (std::string why = why_not_about(certificate); !why.empty()) {
    return {.status = v1::REVOCATION_UNKNOWN, .detail = std::move(why)};
  }
  const auto time_of = [](int64_t seconds) { return TimePoint(std::chrono::seconds(seconds)); };
  const std::optional<TimePoint> end =
      next_update_ ? std::optional(time_of(*next_update_)) : std::nullopt;
  if (const std::string why = why_not_now(time_of(*this_update_), end, now); !why.empty()) {
    return {.status = v1::REVOCATION_UNKNOWN, .detail = fmt::format("its list {}", why)};
  }
  return {.status = v1::REVOCATION_GOOD};
}

}  // namespace muster::tls
