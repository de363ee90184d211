#include "common/policy/rules/waiting_judgements.h"

#include <utility>

#include "common/text.h"

namespace muster::policy {
namespace {

using Kind = Judgement::Kind;

void judge_manager(const WaitingRule& rule, const PackageFactsView& facts, TimePoint holds_until,
                   RuleOutput& output, WaitingTally& tally) {
  const size_t before = output.judgements.size();
  rule.judge(facts, holds_until, output, tally);
  if (std::string blind = blind_spot(facts); !blind.empty()) {
    tally.is_blind = true;
    output.judgements.push_back(
        {.kind = Kind::kUnknown, .reason = std::move(blind), .holds_until = holds_until});
  } else if (output.judgements.size() == before) {
    output.judgements.push_back(
        {.kind = Kind::kMet, .reason = rule.none(facts), .holds_until = holds_until});
  }
}

}  // namespace

void judge_waiting_source(const WaitingSource& source, TimePoint holds_until, RuleOutput& output,
                          WaitingTally& tally) {
  Judgement judgement{.subject = printable(source.name, 256),
                      .kind = Kind::kUnmet,
                      .reason = source.in_words(),
                      .holds_until = holds_until,
                      .severity = source.severity()};
  if (source.security == v1::SECURITY_YES) {
    tally.open.push_back(judgement.subject);
    if (!source.would_install()) ++tally.not_installable;
  } else {
    judgement.kind = Kind::kUnknown;
    judgement.reason += "; its repository does not tell whether it closes security holes";
    tally.not_told.push_back(judgement.subject);
  }
  output.judgements.push_back(std::move(judgement));
}

RuleOutput judge_waiting(const RuleInput& input, const WaitingRule& rule) {
  WaitingTally tally;
  RuleOutput output = judge_package_managers(
      input, [&rule, &tally](const PackageFactsView& facts, const std::string& /*manager*/,
                             TimePoint holds_until, RuleOutput& judged) {
        judge_manager(rule, facts, holds_until, judged, tally);
      });
  output.summary = rule.summary(tally);
  return output;
}

}  // namespace muster::policy
