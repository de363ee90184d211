// Certificates and revocation lists in a host's files.
#include <fmt/format.h>

#include "collector/expiry/facts_reader.h"
#include "collector/expiry/section_ends.h"
#include "common/policy/rules/certificate_subjects.h"
#include "common/policy/rules/served_words.h"
#include "common/text.h"
#include "common/timestamp.h"
#include "muster/v1/certificate_facts.pb.h"

namespace muster::collector {
namespace {

void list_certificates(const v1::CertificateFile& file, const TakeEnd& take) {
  for (int i = 0; i < file.certificates_size(); ++i) {
    const v1::Certificate& certificate = file.certificates(i);
    SectionEnd end{
        .kind = v1::EXPIRY_KIND_CERTIFICATE,
        .subject = truncate_utf8(policy::subject_of_certificate(file, i), kLongestSubject),
        .thing = printable(certificate.sha256(), 64),
        .detail = truncate_utf8(policy::name_of(certificate), kLongestDetail)};
    if (certificate.has_not_after()) end.ends = from_proto(certificate.not_after());
    take(std::move(end));
  }
  if (file.error().empty() || policy::is_of_lists(file)) return;
  take({.kind = v1::EXPIRY_KIND_CERTIFICATE, .subject = printable(file.path(), kLongestSubject)});
}

// One that does not say until when it is good has no end.
void list_revocation_lists(const v1::CertificateFile& file, const TakeEnd& take) {
  for (int i = 0; i < file.revocation_lists_size(); ++i) {
    const v1::RevocationList& list = file.revocation_lists(i);
    if (!list.has_next_update()) continue;
    take({.kind = v1::EXPIRY_KIND_REVOCATION_LIST,
          .subject = truncate_utf8(policy::subject_of_place(file, i), kLongestSubject),
          .thing = printable(fmt::format("{} {}", list.number(), list.issuer()), kLongestSubject),
          .ends = from_proto(list.next_update()),
          .detail = printable("of " + list.issuer(), kLongestDetail)});
  }
  if (file.error().empty() || !policy::is_of_lists(file)) return;
  take({.kind = v1::EXPIRY_KIND_REVOCATION_LIST,
        .subject = printable(file.path(), kLongestSubject)});
}

}  // namespace

void list_certificate_ends(const SectionState& section, ExpiryKinds kinds, const TakeEnd& take) {
  google::protobuf::Arena arena;
  const auto* const facts =
      read_facts<v1::CertificateFacts>(section, v1::EXPIRY_KIND_CERTIFICATE, take, arena);
  if (facts == nullptr) return;
  for (const v1::CertificateFile& file : facts->files()) {
    if (kinds.has(v1::EXPIRY_KIND_CERTIFICATE)) list_certificates(file, take);
    if (kinds.has(v1::EXPIRY_KIND_REVOCATION_LIST)) list_revocation_lists(file, take);
  }
  if (!kinds.has(v1::EXPIRY_KIND_CERTIFICATE)) return;
  for (const v1::CertificateFile& directory : facts->unreadable_directories()) {
    take({.kind = v1::EXPIRY_KIND_CERTIFICATE,
          .subject = printable(directory.path(), kLongestSubject)});
  }
  // However many: what is in them is not known either.
  if (facts->files_omitted() > 0) {
    take({.kind = v1::EXPIRY_KIND_CERTIFICATE, .subject = "files beyond the probe's limit"});
  }
}

}  // namespace muster::collector
