#include "agent/probes/certificates/certificate_parser.h"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include <memory>
#include <utility>

#include "agent/probes/certificates/pem_blocks.h"
#include "agent/probes/certificates/problem_list.h"
#include "agent/probes/certificates/revocation_list_fields.h"
#include "common/digest.h"
#include "common/openssl.h"
#include "common/text.h"

namespace muster {
namespace {

// PEM_read_bio's results are OpenSSL's memory; OPENSSL_free is a macro.
struct FreeMemory {
  void operator()(void* memory) const { OPENSSL_free(memory); }
};
using X509CrlPtr = std::unique_ptr<X509_CRL, OpensslDeleter<X509_CRL_free>>;

absl::StatusOr<CertificateFields> parse_certificate(std::string_view der, bool may_have_trust) {
  const auto* cursor = reinterpret_cast<const unsigned char*>(der.data());
  const unsigned char* const begin = cursor;
  const X509Ptr certificate(d2i_X509(nullptr, &cursor, static_cast<long>(der.size())));
  if (certificate == nullptr) return openssl_error("it cannot be decoded");
  const auto size = static_cast<size_t>(cursor - begin);
  // OpenSSL's TRUSTED CERTIFICATE has its own trust settings behind the certificate.
  if (size != der.size() && !may_have_trust) {
    return absl::InvalidArgumentError(fmt::format("{} bytes follow its end", der.size() - size));
  }
  absl::StatusOr<CertificateFields> fields = certificate_fields(certificate.get());
  if (fields.ok()) fields->certificate.set_sha256(to_hex(sha256(der.substr(0, size))));
  return fields;
}

absl::StatusOr<v1::RevocationList> parse_revocation_list(std::string_view der) {
  const auto* cursor = reinterpret_cast<const unsigned char*>(der.data());
  const unsigned char* const end = cursor + der.size();
  const X509CrlPtr list(d2i_X509_CRL(nullptr, &cursor, static_cast<long>(der.size())));
  if (list == nullptr) return openssl_error("it cannot be decoded");
  if (cursor != end) {
    return absl::InvalidArgumentError(fmt::format("{} bytes follow its end", end - cursor));
  }
  return revocation_list_fields(list.get());
}

// The DER of a PEM block.
absl::StatusOr<std::string> decode(const PemBlock& block) {
  if (block.text.find("-----END ") == std::string_view::npos) {
    return absl::InvalidArgumentError("its END line is missing, it seems to be cut off");
  }
  const BioPtr text = memory_bio(block.text);
  char* name = nullptr;
  char* header = nullptr;
  unsigned char* data = nullptr;
  long size = 0;
  if (text == nullptr || PEM_read_bio(text.get(), &name, &header, &data, &size) != 1) {
    return openssl_error("its PEM text is damaged");
  }
  const std::unique_ptr<char, FreeMemory> owned_name(name);
  const std::unique_ptr<char, FreeMemory> owned_header(header);
  const std::unique_ptr<unsigned char, FreeMemory> owned_data(data);
  return std::string(reinterpret_cast<const char*>(data), static_cast<size_t>(size));
}

std::string why_none(CertificateContent content) {
  switch (content) {
    case CertificateContent::kKey:
    case CertificateContent::kDerKey:
    case CertificateContent::kCompanion:
      return "it holds a key, parameters or a request, and no certificate";
    case CertificateContent::kEmpty:
      return "it is empty";
    default:
      return "it holds no certificate: it is neither PEM nor DER";
  }
}

// The blocks of a PEM text, one after the other.
class PemReading {
 public:
  void take(const PemBlock& block) {
    if (is_certificate_label(block.label)) take_certificate(block);
    if (block.label == PEM_STRING_X509_CRL) take_list(block);
  }

  ParsedCertificates finish() {
    if (certificates_ > kMostCertificates) {
      problems_.add_limit(fmt::format("it holds more than {} certificates: the others are left out",
                                      kMostCertificates));
    }
    if (lists_ > kMostRevocationLists) {
      problems_.add_limit(fmt::format(
          "it holds more than {} revocation lists: the others are left out", kMostRevocationLists));
    }
    parsed_.error = problems_.text();
    return std::move(parsed_);
  }

 private:
  void take_certificate(const PemBlock& block) {
    if (++certificates_ > kMostCertificates) return;
    const std::string what = fmt::format("certificate {}", certificates_);
    const absl::StatusOr<std::string> der = decode(block);
    if (!der.ok()) return problems_.add(what, der.status());
    absl::StatusOr<CertificateFields> fields =
        parse_certificate(*der, block.label == PEM_STRING_X509_TRUSTED);
    if (!fields.ok()) return problems_.add(what, fields.status());
    if (!fields->warning.empty()) problems_.add(what, fields->warning);
    parsed_.certificates.push_back(std::move(fields->certificate));
  }

  void take_list(const PemBlock& block) {
    if (++lists_ > kMostRevocationLists) return;
    const std::string what = fmt::format("revocation list {}", lists_);
    const absl::StatusOr<std::string> der = decode(block);
    if (!der.ok()) return problems_.add(what, der.status());
    absl::StatusOr<v1::RevocationList> list = parse_revocation_list(*der);
    if (!list.ok()) return problems_.add(what, list.status());
    parsed_.revocation_lists.push_back(*std::move(list));
  }

  ParsedCertificates parsed_;
  ProblemList problems_;
  size_t certificates_ = 0;
  size_t lists_ = 0;
};

ParsedCertificates parse_der(std::string_view bytes) {
  ParsedCertificates parsed;
  absl::StatusOr<CertificateFields> fields = parse_certificate(bytes, false);
  if (fields.ok()) {
    parsed.error = fields->warning;
    parsed.certificates.push_back(std::move(fields->certificate));
    return parsed;
  }
  // From outside a list looks like a certificate.
  absl::StatusOr<v1::RevocationList> list = parse_revocation_list(bytes);
  if (list.ok()) {
    parsed.revocation_lists.push_back(*std::move(list));
  } else {
    parsed.error = fmt::format("as DER, {}", reason_text(fields.status()));
  }
  ERR_clear_error();
  return parsed;
}

}  // namespace

absl::StatusOr<CertificateFields> parse_der_certificate(std::string_view der) {
  return parse_certificate(der, false);
}

absl::StatusOr<CertificateFields> decoded_certificate(X509* certificate) {
  unsigned char* der = nullptr;
  const int size = i2d_X509(certificate, &der);
  if (size <= 0) return openssl_error("it cannot be encoded");
  const std::unique_ptr<unsigned char, FreeMemory> owned(der);
  return parse_certificate({reinterpret_cast<const char*>(der), static_cast<size_t>(size)}, false);
}

ParsedCertificates parse_certificates(std::string_view bytes) {
  ERR_clear_error();
  const CertificateContent content = classify_certificate_content(bytes);
  if (content == CertificateContent::kDer) return parse_der(bytes);
  if (content != CertificateContent::kCertificates &&
      content != CertificateContent::kRevocationList) {
    return {.error = why_none(content)};
  }
  PemReading reading;
  for (const PemBlock& block : find_pem_blocks(bytes))
    reading.take(block);
  return reading.finish();
}

}  // namespace muster
