// firmware_updates: no update of firmware is known to have failed. UEFI's table of resources (ESRT)
// remembers how the last one of each piece went; what does not tell is not judged.
#include <fmt/format.h>

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "common/policy/rules/every_rule.h"
#include "common/policy/rules/firmware_components.h"
#include "common/policy/rules/one_section.h"
#include "common/text.h"
#include "muster/v1/firmware_facts.pb.h"

namespace muster::policy {
namespace {

using Kind = Judgement::Kind;

// Of the sources, the one that would have told of a failure.
constexpr std::string_view kTellsOfFailures = "ESRT";
constexpr std::string_view kTable = "/sys/firmware/efi/esrt";

Judgement judge_component(const v1::FirmwareComponent& component) {
  Judgement judgement{.subject = subject_of(component)};
  const std::string of_what = component.model().empty() ? "it" : printable(component.model(), 128);
  if (component.failed_update().empty()) {
    judgement.kind = Kind::kMet;
    judgement.reason = fmt::format("no update of {} is known to have failed", of_what);
  } else {
    judgement.kind = Kind::kUnmet;
    judgement.reason = fmt::format("the last update of {} failed: {}", of_what,
                                   printable(component.failed_update(), 300));
  }
  return judgement;
}

}  // namespace

RuleOutput judge_firmware_updates(const RuleInput& input) {
  RuleOutput output;
  if (is_container(input)) {
    output.judgements.push_back(
        {.kind = Kind::kNotApplicable, .reason = "it is a container: its firmware is its host's"});
    return output;
  }
  const auto section = read_one_section<v1::FirmwareFacts>(input, kFirmwareProbe, output);
  if (section.facts == nullptr) return output;
  for (const v1::FirmwareComponent& component : section.facts->components()) {
    if (component.failed_update().empty() && component.source() != kTellsOfFailures) continue;
    output.judgements.push_back(judge_component(component));
  }
  if (std::optional<Judgement> unread = judge_unread(section.facts->unreadable(), kTable))
    output.judgements.push_back(*std::move(unread));
  if (output.judgements.empty()) {
    output.judgements.push_back({.kind = Kind::kNotApplicable,
                                 .reason = "no firmware of it tells how its last update went"});
  }
  for (Judgement& judgement : output.judgements)
    judgement.holds_until = section.holds_until;
  output.summary = firmware_summary(output.judgements, "could not be updated",
                                    "have no update that is known to have failed");
  return output;
}

}  // namespace muster::policy
