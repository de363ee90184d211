#include "agent/probes/certificates/content_kind.h"

#include <openssl/pem.h>

#include <algorithm>
#include <vector>

#include "agent/probes/certificates/pem_blocks.h"
#include "common/text.h"

namespace muster {
namespace {

constexpr unsigned char kSequence = 0x30;
constexpr unsigned char kInteger = 0x02;

bool is_companion_label(std::string_view label) {
  return label.ends_with("PRIVATE KEY") || label.ends_with("PUBLIC KEY") ||
         label.ends_with("PARAMETERS") || label.ends_with("CERTIFICATE REQUEST");
}

// What stands in DER after the outer SEQUENCE and its length; empty where there is none.
std::string_view inside_sequence(std::string_view bytes) {
  const auto byte = [bytes](size_t i) { return static_cast<unsigned char>(bytes[i]); };
  if (bytes.size() < 3 || byte(0) != kSequence) return {};
  const size_t inner = byte(1) < 0x80 ? 2 : 2 + size_t{byte(1)} - 0x80;
  if (inner >= bytes.size() || inner > 6) return {};
  return bytes.substr(inner);
}

bool begins_with_tag(std::string_view bytes, unsigned char tag) {
  return !bytes.empty() && static_cast<unsigned char>(bytes[0]) == tag;
}

// RFC 7292: version 3, then a ContentInfo, whose type is one of PKCS #7.
bool is_pkcs12(std::string_view inside) {
  constexpr std::string_view kVersion3 = "\x02\x01\x03";
  constexpr std::string_view kPkcs7 = "\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x07";
  constexpr size_t kLongestHeader = 6;
  if (!inside.starts_with(kVersion3)) return false;
  const std::string_view rest = inside.substr(kVersion3.size());
  if (!begins_with_tag(rest, kSequence)) return false;
  return rest.substr(0, kLongestHeader + kPkcs7.size()).find(kPkcs7) != std::string_view::npos;
}

// "kind: Config" or "kind": "Config", as kubectl demands it of YAML and JSON. Other kinds of
// Kubernetes and other programs' YAML lie in the same places.
bool is_kubeconfig(std::string_view text) {
  if (text.find('\0') != std::string_view::npos) return false;
  constexpr std::string_view kKind = "kind";
  constexpr std::string_view kAround = " \t\"':";
  for (size_t at = text.find(kKind); at != std::string_view::npos;
       at = text.find(kKind, at + kKind.size())) {
    const bool begins =
        at == 0 || text[at - 1] == '\n' || text[at - 1] == '"' || text[at - 1] == '\'';
    if (!begins) continue;
    std::string_view value = text.substr(at + kKind.size());
    const size_t start = value.find_first_not_of(kAround);
    if (start == 0 || start == std::string_view::npos) continue;
    value.remove_prefix(start);
    if (value.starts_with("Config") &&
        (value.size() == 6 || std::string_view(" \t\r\n\"',}#").find(value[6]) != value.npos)) {
      return text.find("users") != std::string_view::npos ||
             text.find("clusters") != std::string_view::npos;
    }
  }
  return false;
}

CertificateContent classify_der(std::string_view inside) {
  if (begins_with_tag(inside, kSequence)) return CertificateContent::kDer;
  return is_pkcs12(inside) ? CertificateContent::kPkcs12 : CertificateContent::kDerKey;
}

}  // namespace

bool is_certificate_label(std::string_view label) {
  return label == PEM_STRING_X509 || label == PEM_STRING_X509_OLD ||
         label == PEM_STRING_X509_TRUSTED;
}

bool is_private_key_label(std::string_view label) {
  return label.ends_with("PRIVATE KEY") && label != "OPENSSH PRIVATE KEY";
}

CertificateContent classify_certificate_content(std::string_view bytes) {
  if (bytes.starts_with(kJksMagic) || bytes.starts_with(kJceksMagic)) {
    return CertificateContent::kJavaKeyStore;
  }
  const std::vector<PemBlock> blocks = find_pem_blocks(bytes);
  const auto some = [&](auto holds) {
    return std::any_of(blocks.begin(), blocks.end(),
                       [&](const PemBlock& block) { return holds(block.label); });
  };
  if (some(is_certificate_label)) return CertificateContent::kCertificates;
  if (some([](std::string_view label) { return label == PEM_STRING_X509_CRL; })) {
    return CertificateContent::kRevocationList;
  }
  if (some(is_private_key_label)) return CertificateContent::kKey;
  if (some(is_companion_label)) return CertificateContent::kCompanion;
  const std::string_view inside = inside_sequence(bytes);
  if (begins_with_tag(inside, kSequence) || begins_with_tag(inside, kInteger)) {
    return classify_der(inside);
  }
  if (is_kubeconfig(bytes)) return CertificateContent::kKubeconfig;
  return trim(bytes).empty() ? CertificateContent::kEmpty : CertificateContent::kOther;
}

}  // namespace muster
