// host_reporting: the host has reported within silent_after. It does not apply where there is
// nobody to report to (`muster-agent check`). A host that has joined and never reported is unknown
// until it should have, then silent: it was never seen to report.
#include <fmt/format.h>

#include "common/policy/rules/every_rule.h"
#include "common/policy/rules/times.h"

namespace muster::policy {
namespace {

Judgement judge_silence(const RuleInput& input) {
  if (!input.host.last_sync && input.host.enrolled_at) {
    const TimePoint silent =
        saturating_add(*input.host.enrolled_at, input.duration("silent_after"));
    const Age age = describe_age(*input.host.enrolled_at, input.now);
    const bool is_late = input.now >= silent;
    return {.kind = is_late ? Judgement::Kind::kUnmet : Judgement::Kind::kUnknown,
            .reason = fmt::format("it was enrolled {} ago and has never reported", age.words),
            .holds_until = is_late ? TimePoint::max() : silent,
            .reads_until = age.changes_at};
  }
  if (!input.host.last_sync) {
    return {.kind = Judgement::Kind::kNotApplicable, .reason = "it does not report to a collector"};
  }
  const TimePoint silent = saturating_add(*input.host.last_sync, input.duration("silent_after"));
  if (input.now < silent) {
    return {.kind = Judgement::Kind::kMet, .reason = "it reports", .holds_until = silent};
  }
  const Age age = describe_age(*input.host.last_sync, input.now);
  return {.kind = Judgement::Kind::kUnmet,
          .reason = fmt::format("it has not reported for {}", age.words),
          .reads_until = age.changes_at};
}

}  // namespace

RuleOutput judge_host_reporting(const RuleInput& input) {
  RuleOutput output;
  output.judgements.push_back(judge_silence(input));
  return output;
}

}  // namespace muster::policy
