#include "common/exposition/certificate_metrics.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "common/exposition/host_metrics.h"
#include "common/exposition/section_facts.h"

namespace muster::exposition {
namespace {

// Series of one certificate in a file.
constexpr uint64_t kSeriesOfCertificate = 4;

// Permission bits of everybody else, and of the group.
constexpr uint32_t kOthersRead = 04;
constexpr uint32_t kGroupReads = 040;

// Whoever may read a key, or replace it, beside its owner and root: the widest.
std::string_view readers_of(const v1::KeyFile& key) {
  if ((key.mode() & kOthersRead) != 0) return "others";
  if (key.readers_by_acl_size() > 0 || key.writers_by_acl_size() > 0) return "acl";
  if (!key.access_list_error().empty()) return "unknown";
  return (key.mode() & kGroupReads) != 0 && key.group() != "root" ? "group" : "owner";
}

void add_keys(SampleWriter& writer, const v1::CertificateFacts& facts) {
  if (facts.keys().empty()) return;
  for (const std::string_view readers : {"owner", "group", "acl", "others", "unknown"}) {
    const auto count =
        std::count_if(facts.keys().begin(), facts.keys().end(),
                      [readers](const v1::KeyFile& key) { return readers_of(key) == readers; });
    writer.add(kKeyFiles, {{"readers", readers}}, static_cast<double>(count));
  }
}

void add_revocation_lists(SampleWriter& writer, const v1::CertificateFile& file) {
  for (int i = 0; i < file.revocation_lists_size(); ++i) {
    const v1::RevocationList& list = file.revocation_lists(i);
    if (!list.has_next_update()) continue;
    writer.add(kRevocationListNextUpdate,
               {{"path", file.path()}, {"position", std::to_string(i)}, {"issuer", list.issuer()}},
               unix_seconds(list.next_update()));
  }
}

std::string key_of(const v1::Certificate& certificate) {
  if (certificate.key_type().empty()) return "";
  if (certificate.key_bits() == 0) return certificate.key_type();
  return fmt::format("{} {}", certificate.key_type(), certificate.key_bits());
}

}  // namespace

std::string_view fingerprint_of(const v1::Certificate& certificate) {
  return std::string_view(certificate.sha256()).substr(0, kFingerprintDigits);
}

void CertificateSamples::add(const v1::Certificate& certificate) {
  const std::string_view fingerprint = fingerprint_of(certificate);
  if (fingerprint.empty() || !told_.emplace(fingerprint).second) return;
  writer_.add(families_.info,
              {{"fingerprint", fingerprint},
               {"subject", certificate.subject()},
               {"common_name", certificate.common_name()},
               {"issuer", certificate.issuer()},
               {"key", key_of(certificate)},
               {"signature", certificate.signature_algorithm()}},
              1);
  if (certificate.has_not_before()) {
    writer_.add(families_.not_before, {{"fingerprint", fingerprint}},
                unix_seconds(certificate.not_before()));
  }
  if (certificate.has_not_after()) {
    writer_.add(families_.not_after, {{"fingerprint", fingerprint}},
                unix_seconds(certificate.not_after()));
  }
}

void add_certificate_counts(SampleWriter& writer, const v1::CertificateFacts& facts) {
  size_t count = 0;
  int unreadable = facts.unreadable_directories_size() + facts.unread_configurations_size();
  for (const v1::CertificateFile& file : facts.files()) {
    if (!file.error().empty()) ++unreadable;
    count += static_cast<size_t>(file.certificates_size());
  }
  writer.add(kCertificates, {}, static_cast<double>(count));
  writer.add(kCertificateFilesUnreadable, {}, unreadable);
  writer.add(kCertificateFilesOmitted, {}, facts.files_omitted());
  add_keys(writer, facts);
  for (const v1::CertificateFile& file : facts.files())
    add_revocation_lists(writer, file);
}

void add_certificate_files(SampleWriter& writer, CertificateSamples& certificates,
                           const v1::CertificateFacts& facts) {
  size_t count = 0;
  for (const v1::CertificateFile& file : facts.files()) {
    for (int i = 0; i < file.certificates_size(); ++i) {
      const v1::Certificate& certificate = file.certificates(i);
      if (++count > kMostCertificates) {
        writer.note_cut(kSeriesOfCertificate);
        continue;
      }
      writer.add(kCertificateFile,
                 {{"path", file.path()},
                  {"position", std::to_string(i)},
                  {"fingerprint", fingerprint_of(certificate)}},
                 1);
      certificates.add(certificate);
    }
  }
}

}  // namespace muster::exposition
