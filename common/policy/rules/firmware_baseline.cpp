// firmware_baseline: every piece of firmware runs a version that the baselines allow. One that is
// forbidden is critical. What is allowed and waits for the next start does not run yet: it is
// unmet, and the sentence says what boots next.
#include <algorithm>
#include <chrono>
#include <utility>

#include "common/firmware/baseline_verdict.h"
#include "common/policy/rules/every_rule.h"
#include "common/policy/rules/firmware_components.h"
#include "common/policy/rules/one_section.h"
#include "muster/v1/firmware_facts.pb.h"

namespace muster::policy {
namespace {

using Kind = Judgement::Kind;
using firmware::BaselineState;

// Nothing of what runs changes at midnight, but what is required may.
TimePoint next_day(TimePoint now) {
  return std::chrono::floor<std::chrono::days>(now) + std::chrono::days(1);
}

Judgement judge_component(const RuleInput& input, const v1::FirmwareComponent& component) {
  firmware::BaselineVerdict verdict = firmware::judge(
      *input.baselines, component, std::chrono::floor<std::chrono::days>(input.now));
  Judgement judgement{.subject = subject_of(component), .reason = std::move(verdict.words)};
  switch (verdict.state) {
    case BaselineState::kNoEntry:
      judgement.kind = Kind::kNotApplicable;
      break;
    case BaselineState::kApproved:
    case BaselineState::kAtLeastMinimum:
      judgement.kind = Kind::kMet;
      break;
    case BaselineState::kNotYetRequired:
      judgement.kind = Kind::kMet;
      judgement.holds_until = next_day(input.now);
      break;
    case BaselineState::kForbidden:
      judgement.kind = Kind::kUnmet;
      judgement.severity = v1::SEVERITY_CRITICAL;
      break;
    case BaselineState::kStaged:
    case BaselineState::kStagedAway:
    case BaselineState::kBelow:
    case BaselineState::kNotApproved:
      judgement.kind = Kind::kUnmet;
      break;
    case BaselineState::kUnknown:
    case BaselineState::kNotComparable:
      judgement.kind = Kind::kUnknown;
      break;
  }
  return judgement;
}

}  // namespace

RuleOutput judge_firmware_baseline(const RuleInput& input) {
  RuleOutput output;
  if (input.baselines == nullptr || input.baselines->entries.empty()) {
    output.judgements.push_back(
        {.kind = Kind::kNotApplicable, .reason = "the policy has no baselines of firmware"});
    return output;
  }
  const auto section = read_one_section<v1::FirmwareFacts>(input, kFirmwareProbe, output);
  if (section.facts == nullptr) return output;
  for (const v1::FirmwareComponent& component : section.facts->components()) {
    Judgement judgement = judge_component(input, component);
    judgement.holds_until = std::min(judgement.holds_until, section.holds_until);
    output.judgements.push_back(std::move(judgement));
  }
  if (output.judgements.empty()) {
    output.judgements.push_back({.kind = Kind::kNotApplicable,
                                 .reason = "the machine tells of no firmware",
                                 .holds_until = section.holds_until});
  }
  output.summary = firmware_summary(output.judgements, "are not as the baselines ask",
                                    "are as the baselines ask");
  return output;
}

}  // namespace muster::policy
