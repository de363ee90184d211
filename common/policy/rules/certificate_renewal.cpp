// certificate_renewal: a certificate is replaced before it comes close to its end. Close is within
// renew_before, or within last_fraction of its lifetime where that is shorter (a certificate of 7
// days is not due from its first day). Inside that window it is due; half-way through it fails,
// while there is still time to act. One that has expired is certificate_not_expired's matter.
#include <fmt/format.h>

#include <utility>

#include "common/policy/rules/certificate_subjects.h"
#include "common/policy/rules/every_rule.h"
#include "common/policy/rules/renewal_window.h"
#include "common/text.h"
#include "common/timestamp.h"

namespace muster::policy {

RuleOutput judge_certificate_renewal(const RuleInput& input) {
  CertificateCounts counts;
  std::vector<std::string> close;
  RuleOutput output =
      judge_certificates(input, counts, [&input, &close](const DatedCertificate& certificate) {
        Judgement judgement = judge_renewal({.name = certificate.name,
                                             .begins = certificate.not_before,
                                             .ends = certificate.not_after},
                                            input);
        if (judgement.kind == Judgement::Kind::kUnmet) close.push_back(certificate.subject);
        return judgement;
      });
  if (counts.judged == 0 && counts.unreadable == 0) {
    // Not every host has certificates, and where all have expired there is nothing to renew ahead.
    if (output.judgements.size() > 1) output.summary = "every certificate has expired";
    return output;
  }
  if (counts.judged == 0 && counts.unreadable == 1) return output;
  if (!close.empty()) {
    output.summary = fmt::format("{} of {} should be renewed, the first by {}: {}", close.size(),
                                 count_certificates(counts.judged), to_iso_date(counts.first_end),
                                 join_some(close, 2));
  } else if (counts.judged > 0) {
    output.summary = fmt::format("no certificate is close to its end, the first ends on {}",
                                 to_iso_date(counts.first_end));
  } else {
    output.summary = "no certificate could be judged";
  }
  output.summary = with_unreadable(std::move(output.summary), counts, !close.empty());
  return output;
}

}  // namespace muster::policy
