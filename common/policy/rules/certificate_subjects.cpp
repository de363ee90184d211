#include "common/policy/rules/certificate_subjects.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "common/text.h"
#include "common/timestamp.h"

namespace muster::policy {
namespace {

// Paths of Linux are at most 4,096 bytes; "#2" comes behind.
constexpr size_t kLongestPath = 4096;
constexpr size_t kLongestEntryName = 256;

class Collector {
 public:
  Collector(RuleOutput& output, CertificateCounts& counts, TimePoint holds_until)
      : output_(output), counts_(counts), holds_until_(holds_until) {}

  void unknown(std::string subject, std::string reason) {
    ++counts_.unreadable;
    output_.judgements.push_back({.subject = std::move(subject),
                                  .kind = Judgement::Kind::kUnknown,
                                  .reason = std::move(reason),
                                  .holds_until = holds_until_});
  }

  void file(const v1::CertificateFile& file, const JudgeCertificate& judge) {
    for (int i = 0; i < file.certificates_size(); ++i) {
      certificate(subject_of_certificate(file, i), file.certificates(i), judge);
    }
    // The error is about what comes after the certificates that could be read.
    if (!file.error().empty() && !is_of_lists(file)) {
      unknown(subject_of_place(file, file.certificates_size()), printable(file.error(), 300));
    }
  }

 private:
  void certificate(std::string subject, const v1::Certificate& certificate,
                   const JudgeCertificate& judge) {
    if (!certificate.has_not_before() || !certificate.has_not_after()) {
      unknown(std::move(subject), "its dates could not be read");
      return;
    }
    const std::string& name = certificate.common_name();
    const DatedCertificate dated{.subject = subject,
                                 .name = name.empty() ? subject : printable(name, 128),
                                 .not_before = from_proto(certificate.not_before()),
                                 .not_after = from_proto(certificate.not_after())};
    Judgement judgement = judge(dated);
    judgement.subject = std::move(subject);
    judgement.holds_until = std::min(judgement.holds_until, holds_until_);
    if (judgement.kind != Judgement::Kind::kNotApplicable) {
      ++counts_.judged;
      counts_.first_end = std::min(counts_.first_end, dated.not_after);
    }
    output_.judgements.push_back(std::move(judgement));
  }

  RuleOutput& output_;
  CertificateCounts& counts_;
  TimePoint holds_until_;
};

}  // namespace

std::string subject_of_place(const v1::CertificateFile& file, int position) {
  std::string path = printable(file.path(), kLongestPath);
  return position == 0 ? path : fmt::format("{}#{}", path, position + 1);
}

std::string subject_of_certificate(const v1::CertificateFile& file, int position) {
  if (file.entry_names_size() != file.certificates_size()) return subject_of_place(file, position);
  const std::string& name = file.entry_names(position);
  if (name.empty()) return subject_of_place(file, position);
  const auto begin = file.entry_names().begin();
  const auto before = std::count(begin, begin + position, name);
  std::string subject = fmt::format("{}#{}", printable(file.path(), kLongestPath),
                                    printable(name, kLongestEntryName));
  return before == 0 ? subject : fmt::format("{}#{}", subject, before + 1);
}

bool is_of_lists(const v1::CertificateFile& file) {
  return file.certificates().empty() && !file.revocation_lists().empty();
}

RuleOutput judge_certificates(const RuleInput& input, CertificateCounts& counts,
                              const JudgeCertificate& judge) {
  RuleOutput output;
  output.probes.emplace_back(kCertificateProbe);
  Freshness freshness =
      judge_freshness(input, kCertificateProbe, v1::CertificateFacts::descriptor()->full_name());
  const v1::CertificateFacts* facts = nullptr;
  if (!freshness.verdict) {
    facts = input.facts.get<v1::CertificateFacts>(*input.section(kCertificateProbe));
    if (facts == nullptr) {
      freshness.verdict = Judgement{.reason = "the facts of the probe certificates are damaged"};
    }
  }
  if (freshness.verdict) {
    freshness.verdict->holds_until = freshness.holds_until;
    output.judgements.push_back(*std::move(freshness.verdict));
    return output;
  }
  Collector collector(output, counts, freshness.holds_until);
  for (const v1::CertificateFile& file : facts->files())
    collector.file(file, judge);
  for (const v1::CertificateFile& directory : facts->unreadable_directories()) {
    collector.unknown(subject_of_place(directory, 0), directory.error().empty()
                                                          ? "it could not be listed"
                                                          : printable(directory.error(), 300));
  }
  if (facts->files_omitted() > 0) {
    collector.unknown("",
                      fmt::format("{} more files with certificates are beyond the probe's limit",
                                  facts->files_omitted()));
  }
  if (output.judgements.empty()) {
    output.judgements.push_back({.kind = Judgement::Kind::kNotApplicable,
                                 .reason = "no certificates were found",
                                 .holds_until = freshness.holds_until});
  }
  return output;
}

std::string count_certificates(size_t count) {
  return fmt::format("{} certificate{}", count, count == 1 ? "" : "s");
}

std::string with_unreadable(std::string summary, const CertificateCounts& counts, bool behind) {
  if (counts.unreadable == 0) return summary;
  if (behind) return fmt::format("{}; {} could not be read", summary, counts.unreadable);
  return fmt::format("{} could not be read; {}", counts.unreadable, summary);
}

}  // namespace muster::policy
