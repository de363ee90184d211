// waivers_current: no waiver that covers the host or target is about to end. Each that is active is
// a subject: due from warn_before its end on, so that what it covers is met, or the waiver renewed,
// in time. One that has ended is no subject: the control that it was for speaks for itself again.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "common/policy/rules/every_rule.h"
#include "common/policy/rules/times.h"
#include "common/timestamp.h"

namespace muster::policy {
namespace {

Judgement judge_waiver(const Waiver& waiver, Duration warn_before, TimePoint now) {
  const TimePoint warns = saturating_add(waiver.ends, -warn_before);
  const std::string date = to_iso_date(waiver.ends);
  if (now < warns) {
    return {.subject = waiver.id,
            .kind = Judgement::Kind::kMet,
            .reason = fmt::format("the waiver of {} ends on {}", waiver.control, date),
            .holds_until = warns};
  }
  return {.subject = waiver.id,
          .kind = Judgement::Kind::kUnmet,
          .reason = fmt::format("the waiver of {} ends on {}: renew it, or meet the control",
                                waiver.control, date),
          .holds_until = waiver.ends,
          .deadline = waiver.ends};
}

}  // namespace

RuleOutput judge_waivers_current(const RuleInput& input) {
  RuleOutput output;
  TimePoint next = TimePoint::max();
  const Duration warn_before = input.duration("warn_before");
  for (const Waiver* waiver : input.waivers) {
    if (waiver->is_active(input.now)) {
      output.judgements.push_back(judge_waiver(*waiver, warn_before, input.now));
    } else if (input.now < waiver->starts) {
      next = std::min(next, waiver->starts);
    }
  }
  if (output.judgements.empty()) {
    output.judgements.push_back(
        {.kind = Judgement::Kind::kNotApplicable,
         .reason = fmt::format("no waiver covers this {}", noun_of(input.host.kind)),
         .holds_until = next});
  } else {
    Judgement& first = output.judgements.front();
    first.holds_until = std::min(first.holds_until, next);
  }
  return output;
}

}  // namespace muster::policy
