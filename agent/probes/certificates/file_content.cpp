#include "agent/probes/certificates/file_content.h"

#include <utility>

#include "agent/probes/certificates/certificate_parser.h"
#include "agent/probes/certificates/java_key_store.h"
#include "agent/probes/certificates/kubeconfig.h"
#include "agent/probes/certificates/pem_blocks.h"
#include "agent/probes/certificates/pkcs12_reader.h"
#include "agent/probes/certificates/private_key.h"

namespace muster {
namespace {

bool has_private_key(std::string_view text) {
  for (const PemBlock& block : find_pem_blocks(text)) {
    if (is_private_key_label(block.label)) return true;
  }
  return false;
}

FileContent read_certificates(std::string_view bytes, bool is_pem) {
  ParsedCertificates parsed = parse_certificates(bytes);
  FileContent content;
  for (v1::Certificate& certificate : parsed.certificates)
    *content.file.add_certificates() = std::move(certificate);
  for (v1::RevocationList& list : parsed.revocation_lists)
    *content.file.add_revocation_lists() = std::move(list);
  content.file.set_error(std::move(parsed.error));
  content.file.set_format(is_pem ? v1::CERTIFICATE_FORMAT_PEM : v1::CERTIFICATE_FORMAT_DER);
  return content;
}

}  // namespace

FileContent read_file_content(std::string_view bytes, CertificateContent kind,
                              Unlocking& unlocking) {
  FileContent content;
  switch (kind) {
    case CertificateContent::kPkcs12:
      return read_pkcs12(bytes, unlocking);
    case CertificateContent::kJavaKeyStore:
      return read_java_key_store(bytes, unlocking);
    case CertificateContent::kKubeconfig:
      return read_kubeconfig(bytes, unlocking);
    case CertificateContent::kKey:
      content.key = read_pem_key(bytes, unlocking);
      return content;
    case CertificateContent::kDerKey: {
      v1::KeyFile key = read_der_key(bytes, unlocking);
      // So much else begins as a key does that only one that can be read is one.
      if (!key.public_key_sha256().empty() || key.encrypted()) {
        content.key = std::move(key);
        return content;
      }
      return read_certificates(bytes, false);
    }
    case CertificateContent::kCertificates:
    case CertificateContent::kRevocationList:
      content = read_certificates(bytes, true);
      if (has_private_key(bytes)) content.key = read_pem_key(bytes, unlocking);
      return content;
    case CertificateContent::kDer:
      return read_certificates(bytes, false);
    default:
      content = read_certificates(bytes, false);
      content.file.clear_format();
      return content;
  }
}

void put_certificate_of_key_first(FileContent& content) {
  if (!content.key.has_value() || content.key->public_key_sha256().empty()) return;
  auto& certificates = *content.file.mutable_certificates();
  auto& names = *content.file.mutable_entry_names();
  for (int i = 0; i < certificates.size(); ++i) {
    if (certificates.Get(i).public_key_sha256() != content.key->public_key_sha256()) continue;
    for (int at = i; at > 0; --at) {
      certificates.SwapElements(at, at - 1);
      if (!names.empty()) names.SwapElements(at, at - 1);
    }
    return;
  }
}

}  // namespace muster
