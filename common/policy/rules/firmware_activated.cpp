// firmware_activated: no firmware has been waiting for the next start for long.
#include <fmt/format.h>

#include <utility>

#include "common/policy/rules/every_rule.h"
#include "common/policy/rules/firmware_components.h"
#include "common/policy/rules/one_section.h"
#include "common/text.h"
#include "muster/v1/firmware_facts.pb.h"

namespace muster::policy {
namespace {

using Kind = Judgement::Kind;

constexpr size_t kLongestVersion = 128;

}  // namespace

RuleOutput judge_firmware_activated(const RuleInput& input) {
  RuleOutput output;
  const auto section = read_one_section<v1::FirmwareFacts>(input, kFirmwareProbe, output);
  if (section.facts == nullptr) return output;
  for (const v1::FirmwareComponent& component : section.facts->components()) {
    if (!component.tells_next() && component.next_version().empty()) continue;
    Judgement judgement{.subject = subject_of(component), .holds_until = section.holds_until};
    const std::string runs = component.version().empty()
                                 ? "a version that is not known"
                                 : printable(component.version(), kLongestVersion);
    if (component.next_version().empty()) {
      judgement.kind = Kind::kMet;
      judgement.reason = fmt::format("runs {}, and nothing waits", runs);
    } else {
      judgement.kind = Kind::kUnmet;
      judgement.reason = fmt::format("runs {}, boots {} next", runs,
                                     printable(component.next_version(), kLongestVersion));
    }
    output.judgements.push_back(std::move(judgement));
  }
  if (output.judgements.empty()) {
    output.judgements.push_back({.kind = Kind::kNotApplicable,
                                 .reason = "no firmware of it tells what waits for the next start",
                                 .holds_until = section.holds_until});
  }
  output.summary = firmware_summary(output.judgements, "wait for a restart", "wait for no restart");
  return output;
}

}  // namespace muster::policy
