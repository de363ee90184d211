#include "agent/probes/certificates/certificate_parser.h"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "agent/probes/certificates/certificate_fields.h"
#include "agent/probes/certificates/pem_blocks.h"
#include "common/digest.h"
#include "common/openssl.h"
#include "common/text.h"

namespace muster {
namespace {

constexpr unsigned char kSequence = 0x30;
constexpr unsigned char kInteger = 0x02;

// PEM_read_bio's results are OpenSSL's memory; OPENSSL_free is a macro.
struct FreeMemory {
  void operator()(void* memory) const { OPENSSL_free(memory); }
};

bool is_certificate_label(std::string_view label) {
  return label == PEM_STRING_X509 || label == PEM_STRING_X509_OLD ||
         label == PEM_STRING_X509_TRUSTED;
}

bool is_companion_label(std::string_view label) {
  return label.ends_with("PRIVATE KEY") || label.ends_with("PUBLIC KEY") ||
         label.ends_with("PARAMETERS") || label.ends_with("CERTIFICATE REQUEST");
}

// Whether DER begins SEQUENCE { SEQUENCE …, as a certificate does. Keys, PKCS #12 and parameters
// begin SEQUENCE { INTEGER …: they are known apart without being parsed.
bool begins_with(std::string_view bytes, unsigned char inner_tag) {
  const auto byte = [bytes](size_t i) { return static_cast<unsigned char>(bytes[i]); };
  if (bytes.size() < 3 || byte(0) != kSequence) return false;
  const size_t inner = byte(1) < 0x80 ? 2 : 2 + size_t{byte(1)} - 0x80;
  return inner < bytes.size() && inner <= 6 && byte(inner) == inner_tag;
}

absl::StatusOr<CertificateFields> parse_der(std::string_view der, bool may_have_trust) {
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

absl::StatusOr<CertificateFields> parse_block(const PemBlock& block) {
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
  return parse_der({reinterpret_cast<const char*>(data), static_cast<size_t>(size)},
                   block.label == PEM_STRING_X509_TRUSTED);
}

std::string reason_of(const absl::Status& status) {
  return printable({status.message().data(), status.message().size()});
}

std::string why_none(CertificateContent content) {
  switch (content) {
    case CertificateContent::kCompanion:
      return "it holds a key, parameters or a request, and no certificate";
    case CertificateContent::kRevocationList:
      return "it holds a revocation list, and no certificate";
    case CertificateContent::kEmpty:
      return "it is empty";
    default:
      return "it holds no certificate: it is neither PEM nor DER";
  }
}

ParsedCertificates parse_pem(std::string_view bytes) {
  ParsedCertificates parsed;
  std::string first_problem;
  size_t problems = 0;
  const auto note = [&](size_t number, std::string_view problem) {
    if (++problems == 1) first_problem = fmt::format("certificate {}: {}", number, problem);
  };
  size_t number = 0;
  for (const PemBlock& block : find_pem_blocks(bytes)) {
    if (!is_certificate_label(block.label)) continue;
    if (++number > kMostCertificates) {
      parsed.error = fmt::format("it holds more than {} certificates: the others are left out",
                                 kMostCertificates);
      break;
    }
    absl::StatusOr<CertificateFields> fields = parse_block(block);
    if (!fields.ok()) {
      note(number, reason_of(fields.status()));
      continue;
    }
    if (!fields->warning.empty()) note(number, fields->warning);
    parsed.certificates.push_back(std::move(fields->certificate));
  }
  if (problems > 1) first_problem += fmt::format(" (and {} more)", problems - 1);
  if (!first_problem.empty() && !parsed.error.empty()) first_problem += "; ";
  parsed.error = first_problem + parsed.error;
  return parsed;
}

}  // namespace

CertificateContent classify_certificate_content(std::string_view bytes) {
  const std::vector<PemBlock> blocks = find_pem_blocks(bytes);
  const auto some = [&](auto holds) {
    return std::any_of(blocks.begin(), blocks.end(),
                       [&](const PemBlock& block) { return holds(block.label); });
  };
  if (some(is_certificate_label)) return CertificateContent::kCertificates;
  if (some([](std::string_view label) { return label == PEM_STRING_X509_CRL; })) {
    return CertificateContent::kRevocationList;
  }
  if (some(is_companion_label)) return CertificateContent::kCompanion;
  if (begins_with(bytes, kSequence)) return CertificateContent::kDer;
  if (begins_with(bytes, kInteger)) return CertificateContent::kCompanion;
  return trim(bytes).empty() ? CertificateContent::kEmpty : CertificateContent::kOther;
}

ParsedCertificates parse_certificates(std::string_view bytes) {
  ERR_clear_error();
  const CertificateContent content = classify_certificate_content(bytes);
  if (content == CertificateContent::kCertificates) return parse_pem(bytes);
  ParsedCertificates parsed;
  if (content != CertificateContent::kDer) {
    parsed.error = why_none(content);
    return parsed;
  }
  absl::StatusOr<CertificateFields> fields = parse_der(bytes, false);
  if (!fields.ok()) {
    parsed.error = fmt::format("as DER, {}", reason_of(fields.status()));
    return parsed;
  }
  parsed.error = fields->warning;
  parsed.certificates.push_back(std::move(fields->certificate));
  return parsed;
}

}  // namespace muster
