// certificate_renewal: a certificate is replaced before it comes close to its end. Close is within
// renew_before, or within last_fraction of its lifetime where that is shorter (a certificate of 7
// days is not due from its first day). Inside that window it is due; half-way through it fails,
// while there is still time to act. One that has expired is certificate_not_expired's matter.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "common/policy/rules/certificate_subjects.h"
#include "common/policy/rules/every_rule.h"
#include "common/policy/rules/times.h"
#include "common/text.h"
#include "common/timestamp.h"

namespace muster::policy {
namespace {

Duration window_of(const DatedCertificate& certificate, const RuleInput& input) {
  // In whole seconds, as the dates are: a lifetime of 8,000 years is beyond what microseconds in a
  // double count exactly.
  const auto begin = std::chrono::floor<std::chrono::seconds>(certificate.not_before);
  const auto end = std::chrono::floor<std::chrono::seconds>(certificate.not_after);
  const double lifetime = std::max(0.0, static_cast<double>(end.time_since_epoch().count()) -
                                            static_cast<double>(begin.time_since_epoch().count()));
  const double longest = std::chrono::duration<double>(input.duration("renew_before")).count();
  const double window = std::floor(std::min(longest, lifetime * input.fraction("last_fraction")));
  return std::chrono::seconds(static_cast<int64_t>(window));
}

Judgement judge_end(const DatedCertificate& certificate, const RuleInput& input) {
  const Duration window = window_of(certificate, input);
  const TimePoint opens = saturating_add(certificate.not_after, -window);
  const std::string date = to_iso_date(certificate.not_after);
  if (input.now >= certificate.not_after) {
    return {.kind = Judgement::Kind::kNotApplicable,
            .reason = fmt::format("{} expired on {}", certificate.name, date)};
  }
  if (input.now >= opens) {
    return {.kind = Judgement::Kind::kUnmet,
            .reason = fmt::format("{} ends on {} and is not renewed", certificate.name, date),
            .holds_until = certificate.not_after,
            .deadline = saturating_add(certificate.not_after, -window / 2)};
  }
  return {.kind = Judgement::Kind::kMet,
          .reason = fmt::format("{} ends on {}, to be renewed from {}", certificate.name, date,
                                to_iso_date(opens)),
          .holds_until = opens};
}

}  // namespace

RuleOutput judge_certificate_renewal(const RuleInput& input) {
  CertificateCounts counts;
  std::vector<std::string> close;
  RuleOutput output =
      judge_certificates(input, counts, [&input, &close](const DatedCertificate& certificate) {
        Judgement judgement = judge_end(certificate, input);
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
