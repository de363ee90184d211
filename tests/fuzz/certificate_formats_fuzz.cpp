// Any bytes to the readers of PKCS #12, JKS and JCEKS, kubeconfigs, keys, revocation lists, access
// control lists and password files: the first byte picks one. Whatever comes out keeps the promises
// of its messages.
#include <array>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "agent/probes/certificates/access_list.h"
#include "agent/probes/certificates/certificate_parser.h"
#include "agent/probes/certificates/file_content.h"
#include "agent/probes/certificates/password_table.h"
#include "common/text.h"

namespace {

using muster::CertificateContent;

void require(bool holds) {
  if (!holds) std::abort();
}

void check(const muster::FileContent& content) {
  const muster::v1::CertificateFile& file = content.file;
  require(file.certificates_size() <= static_cast<int>(muster::kMostCertificates));
  require(file.revocation_lists_size() <= static_cast<int>(muster::kMostRevocationLists));
  require(file.entry_names().empty() || file.entry_names_size() == file.certificates_size());
  for (const std::string& name : file.entry_names())
    require(name.size() <= muster::kEntryNameLimit && muster::is_valid_utf8(name));
  for (const muster::v1::Certificate& certificate : file.certificates()) {
    require(certificate.sha256().size() == 64);
    require(certificate.public_key_sha256().empty() ||
            certificate.public_key_sha256().size() == 64);
  }
  for (const muster::v1::RevocationList& list : file.revocation_lists())
    require(list.has_this_update() && muster::is_valid_utf8(list.issuer()));
  require(muster::is_valid_utf8(file.error()));
  require(content.referred_paths.size() <= muster::kMostReferredPaths);
  if (!content.key.has_value()) return;
  require(muster::is_valid_utf8(content.key->error()));
  require(!content.key->public_key_sha256().empty() || content.key->encrypted() ||
          !content.key->error().empty());
}

void read(std::string_view bytes, CertificateContent kind) {
  constexpr std::array<std::string_view, 2> kPasswords = {"wrong", "secret"};
  muster::Unlocking unlocking{.passwords = kPasswords, .rounds = 5000};
  check(muster::read_file_content(bytes, kind, unlocking));
  require(unlocking.rounds <= 5000);
}

void read_texts(std::string_view bytes) {
  const muster::IdNames names = muster::read_id_names(bytes);
  const auto list = muster::parse_access_list(bytes, names, names);
  if (list.ok()) {
    require(list->readers.size() <= muster::kMostReaders + 1);
    require(list->writers.size() <= muster::kMostReaders + 1);
  }
  muster::PasswordTable table;
  table.add(bytes).IgnoreError();
  require(table.passwords_for("/a", std::string(bytes)).size() <=
          muster::PasswordTable::kMostTried);
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer gives the name.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  constexpr std::array<CertificateContent, 7> kKinds = {
      CertificateContent::kPkcs12,     CertificateContent::kJavaKeyStore,
      CertificateContent::kKubeconfig, CertificateContent::kKey,
      CertificateContent::kDerKey,     CertificateContent::kRevocationList,
      CertificateContent::kDer};
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (data[0] < kKinds.size()) {
    read(bytes, kKinds[data[0]]);
  } else if (data[0] == kKinds.size()) {
    read_texts(bytes);
  } else {
    read(bytes, muster::classify_certificate_content(bytes));
  }
  return 0;
}
