// domain_known: the registry has answered within answered_within. Beyond that the last answer is
// kept, and may be wrong; that it is old is a failure of its own, and not merely unknown. It looks
// at nothing else, so the control's max_age does not matter.
#include <fmt/format.h>

#include <string>
#include <utility>

#include "common/policy/rules/domains.h"
#include "common/policy/rules/every_rule.h"
#include "common/policy/rules/times.h"
#include "common/text.h"

namespace muster::policy {

RuleOutput judge_domain_known(const RuleInput& input) {
  using Kind = Judgement::Kind;
  RuleOutput output;
  output.probes.emplace_back(kDomainProbe);
  Judgement judgement;
  const SectionState* const section = input.section(kDomainProbe);
  const bool failed = section != nullptr && section->outcome == v1::OUTCOME_FAILED;
  const std::string why = failed ? printable(section->reason) : "";
  if (section == nullptr) {
    judgement.reason = "it was not looked up yet";
  } else if (!section->has_facts()) {
    judgement.reason =
        failed ? fmt::format("no look-up was ever answered; {}", why) : "the look-up gave nothing";
  } else {
    const TimePoint too_old =
        saturating_add(section->observed_at, input.duration("answered_within"));
    const Age age = describe_age(section->observed_at, input.now);
    const bool is_old = input.now >= too_old;
    judgement.kind = is_old ? Kind::kUnmet : Kind::kMet;
    judgement.reason = is_old ? fmt::format("its registry has not answered for {}", age.words)
                              : fmt::format("its registry answered {} ago", age.words);
    if (failed) judgement.reason += fmt::format("; the last look-up: {}", why);
    judgement.awaits_heartbeat = is_old;
    judgement.reads_until = age.changes_at;
    if (!is_old) judgement.holds_until = too_old;
  }
  output.judgements.push_back(std::move(judgement));
  return output;
}

}  // namespace muster::policy
