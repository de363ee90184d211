// certificate_not_expired: now is within each certificate's dates. As OpenSSL has it, the second
// that not_after names is the first in which it is refused.
#include <fmt/format.h>

#include <utility>

#include "common/policy/rules/certificate_subjects.h"
#include "common/policy/rules/every_rule.h"
#include "common/text.h"
#include "common/timestamp.h"

namespace muster::policy {
namespace {

Judgement judge_dates(const DatedCertificate& certificate, TimePoint now) {
  if (now >= certificate.not_after) {
    return {.kind = Judgement::Kind::kUnmet,
            .reason = fmt::format("{} expired on {}", certificate.name,
                                  to_iso_date(certificate.not_after))};
  }
  if (now < certificate.not_before) {
    return {.kind = Judgement::Kind::kUnmet,
            .reason = fmt::format("{} is not valid before {}", certificate.name,
                                  to_iso8601(certificate.not_before)),
            .holds_until = certificate.not_before};
  }
  return {.kind = Judgement::Kind::kMet,
          .reason = fmt::format("{} is valid until {}", certificate.name,
                                to_iso_date(certificate.not_after)),
          .holds_until = certificate.not_after};
}

}  // namespace

RuleOutput judge_certificate_not_expired(const RuleInput& input) {
  CertificateCounts counts;
  std::vector<std::string> invalid;
  RuleOutput output =
      judge_certificates(input, counts, [&input, &invalid](const DatedCertificate& certificate) {
        Judgement judgement = judge_dates(certificate, input.now);
        if (judgement.kind == Judgement::Kind::kUnmet) invalid.push_back(certificate.subject);
        return judgement;
      });
  if (counts.judged == 0 && counts.unreadable < 2) return output;
  if (!invalid.empty()) {
    output.summary = fmt::format("{} of {} {} not valid now: {}", invalid.size(),
                                 count_certificates(counts.judged),
                                 invalid.size() == 1 ? "is" : "are", join_some(invalid, 2));
  } else if (counts.judged == 1) {
    output.summary = fmt::format("1 certificate is valid until {}", to_iso_date(counts.first_end));
  } else if (counts.judged > 1) {
    output.summary = fmt::format("{} are valid, the first ends on {}",
                                 count_certificates(counts.judged), to_iso_date(counts.first_end));
  } else {
    output.summary = "no certificate could be judged";
  }
  output.summary = with_unreadable(std::move(output.summary), counts, !invalid.empty());
  return output;
}

}  // namespace muster::policy
