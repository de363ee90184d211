// revocation_lists_current: each list of revoked certificates (CRL) in the host's files is replaced
// before its nextUpdate. A server that holds clients to a list that has ended lets none of them in,
// or all. Due within the shorter of renew_before and last_fraction of its lifetime, and failed at
// its end.
#include <fmt/format.h>

#include <string>
#include <utility>

#include "common/policy/rules/certificate_subjects.h"
#include "common/policy/rules/every_rule.h"
#include "common/policy/rules/one_section.h"
#include "common/policy/rules/renewal_window.h"
#include "common/text.h"
#include "common/timestamp.h"

namespace muster::policy {
namespace {

using Kind = Judgement::Kind;

Judgement judge_list(const v1::RevocationList& list, const RuleInput& input) {
  const std::string name =
      fmt::format("the list of {}", list.issuer().empty() ? "an authority without a name"
                                                          : printable(list.issuer(), 128));
  if (!list.has_next_update()) {
    return {.kind = Kind::kNotApplicable,
            .reason = fmt::format("{} does not say until when it is good", name)};
  }
  const TimePoint ends = from_proto(list.next_update());
  if (input.now >= ends) {
    return {.kind = Kind::kUnmet,
            .reason = fmt::format("{} ended on {}", name, to_iso_date(ends)),
            .deadline = ends};
  }
  // One without a beginning has the longest window.
  Judgement judgement =
      judge_renewal({.name = name, .begins = from_proto(list.this_update()), .ends = ends}, input);
  if (judgement.kind == Kind::kUnmet) judgement.deadline = ends;
  return judgement;
}

// A file of that name that could not be read may have one.
bool may_have_list(const v1::CertificateFile& file) {
  const std::string& path = file.path();
  const std::string name = path.substr(path.rfind('/') + 1);
  return !file.revocation_lists().empty() || name.find("crl") != std::string::npos;
}

}  // namespace

RuleOutput judge_revocation_lists_current(const RuleInput& input) {
  RuleOutput output;
  const auto section = read_one_section<v1::CertificateFacts>(input, kCertificateProbe, output);
  if (section.facts == nullptr) return output;
  size_t met = 0;
  for (const v1::CertificateFile& file : section.facts->files()) {
    for (int i = 0; i < file.revocation_lists_size(); ++i) {
      Judgement judgement = judge_list(file.revocation_lists(i), input);
      judgement.subject = subject_of_place(file, i);
      if (judgement.kind == Kind::kMet) ++met;
      output.judgements.push_back(std::move(judgement));
    }
    if (!file.error().empty() && may_have_list(file)) {
      output.judgements.push_back({.subject = subject_of_place(file, file.revocation_lists_size()),
                                   .reason = printable(file.error(), 300)});
    }
  }
  if (section.facts->files_omitted() > 0) {
    output.judgements.push_back({.reason = fmt::format("{} more files are beyond the probe's limit",
                                                       section.facts->files_omitted())});
  }
  if (output.judgements.empty()) {
    output.judgements.push_back(
        {.kind = Kind::kNotApplicable, .reason = "no revocation lists were found"});
  }
  if (met > 1 && met == output.judgements.size())
    output.summary = fmt::format("{} revocation lists are current", met);
  for (Judgement& judgement : output.judgements)
    judgement.holds_until = std::min(judgement.holds_until, section.holds_until);
  return output;
}

}  // namespace muster::policy
