#include "agent/probes/certificates/certificate_fields.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>
#include <utility>

#include "agent/probes/certificates/certificate_time.h"
#include "agent/probes/certificates/public_key.h"
#include "agent/probes/certificates/x509_texts.h"
#include "common/openssl.h"
#include "common/text.h"

namespace muster {
namespace {

constexpr size_t kCommonNameLimit = 256;
constexpr size_t kAlternativeNameLimit = 512;
constexpr size_t kAlternativeNames = 256;

using GeneralNamesPtr = std::unique_ptr<GENERAL_NAMES, OpensslDeleter<GENERAL_NAMES_free>>;
using BasicConstraintsPtr =
    std::unique_ptr<BASIC_CONSTRAINTS, OpensslDeleter<BASIC_CONSTRAINTS_free>>;

std::string common_name(const X509_NAME* subject) {
  const int index = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
  if (index < 0) return {};
  const ASN1_STRING* value = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, index));
  unsigned char* utf8 = nullptr;
  const int size = ASN1_STRING_to_UTF8(&utf8, value);
  if (size < 0) return printable(content_of(value), kCommonNameLimit);
  std::string text =
      printable({reinterpret_cast<const char*>(utf8), static_cast<size_t>(size)}, kCommonNameLimit);
  OPENSSL_free(utf8);
  return text;
}

std::string address_text(std::string_view bytes) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const int family = bytes.size() == 4 ? AF_INET : AF_INET6;
  const bool is_address = bytes.size() == 4 || bytes.size() == 16;
  if (is_address && ::inet_ntop(family, bytes.data(), text.data(), text.size()) != nullptr) {
    return text.data();
  }
  return to_hex(bytes.substr(0, kAlternativeNameLimit));
}

std::string alternative_name_text(const GENERAL_NAME* name) {
  int type = 0;
  const void* value = GENERAL_NAME_get0_value(name, &type);
  const auto text = [&](std::string_view kind) {
    return fmt::format("{}:{}", kind, content_of(static_cast<const ASN1_STRING*>(value)));
  };
  switch (type) {
    case GEN_DNS:
      return text("DNS");
    case GEN_URI:
      return text("URI");
    case GEN_EMAIL:
      return text("email");
    case GEN_IPADD:
      return "IP:" + address_text(content_of(static_cast<const ASN1_STRING*>(value)));
    case GEN_DIRNAME:
      return "DirName:" +
             x509_name_text(static_cast<const X509_NAME*>(value), kAlternativeNameLimit);
    case GEN_RID:
      return "RID:" + x509_object_text(static_cast<const ASN1_OBJECT*>(value));
    case GEN_OTHERNAME:
      return "othername:" + x509_object_text(static_cast<const OTHERNAME*>(value)->type_id);
    default:
      return "other";
  }
}

// False if the extension is there and cannot be read, or is there twice.
bool add_alternative_names(const X509* certificate, v1::Certificate& out) {
  int critical = 0;
  const GeneralNamesPtr names(static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate, NID_subject_alt_name, &critical, nullptr)));
  if (names == nullptr) return critical == -1;
  const auto count = static_cast<size_t>(std::max(0, sk_GENERAL_NAME_num(names.get())));
  const size_t shown = std::min(count, kAlternativeNames);
  for (size_t i = 0; i < shown; ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), static_cast<int>(i));
    out.add_subject_alternative_names(
        printable(alternative_name_text(name), kAlternativeNameLimit));
  }
  out.set_names_omitted(static_cast<uint32_t>(count - shown));
  return true;
}

bool is_authority(const X509* certificate) {
  const BasicConstraintsPtr constraints(static_cast<BASIC_CONSTRAINTS*>(
      X509_get_ext_d2i(certificate, NID_basic_constraints, nullptr, nullptr)));
  return constraints != nullptr && constraints->ca != 0;
}

}  // namespace

absl::StatusOr<CertificateFields> certificate_fields(X509* certificate) {
  const absl::StatusOr<int64_t> not_before = unix_seconds(X509_get0_notBefore(certificate));
  if (!not_before.ok()) return not_before.status();
  const absl::StatusOr<int64_t> not_after = unix_seconds(X509_get0_notAfter(certificate));
  if (!not_after.ok()) return not_after.status();

  CertificateFields fields;
  v1::Certificate& out = fields.certificate;
  out.mutable_not_before()->set_seconds(*not_before);
  out.mutable_not_after()->set_seconds(*not_after);
  const X509_NAME* subject = X509_get_subject_name(certificate);
  const X509_NAME* issuer = X509_get_issuer_name(certificate);
  out.set_subject(x509_name_text(subject, kX509NameLimit));
  out.set_issuer(x509_name_text(issuer, kX509NameLimit));
  out.set_common_name(common_name(subject));
  out.set_serial(x509_number_text(X509_get0_serialNumber(certificate)));
  const X509_ALGOR* algorithm = nullptr;
  X509_get0_signature(nullptr, &algorithm, certificate);
  out.set_signature_algorithm(x509_object_text(algorithm->algorithm));
  if (!add_alternative_names(certificate, out)) {
    fields.warning = "its alternative names cannot be read";
  }
  out.set_certificate_authority(is_authority(certificate));
  if (EVP_PKEY* key = X509_get0_pubkey(certificate); key != nullptr) {
    PublicKeyFacts facts = public_key_facts(key);
    out.set_key_type(std::move(facts.type));
    out.set_key_bits(facts.bits);
    out.set_public_key_sha256(std::move(facts.sha256));
    out.set_self_signed(X509_NAME_cmp(subject, issuer) == 0 && X509_verify(certificate, key) == 1);
  }
  ERR_clear_error();
  return fields;
}

}  // namespace muster
