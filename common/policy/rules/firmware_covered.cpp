// firmware_covered: the baselines say something of every piece of firmware of these kinds. What no
// entry is about may be as old as it likes.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "common/firmware/baseline.h"
#include "common/policy/rules/every_rule.h"
#include "common/policy/rules/firmware_components.h"
#include "common/policy/rules/one_section.h"
#include "common/text.h"
#include "muster/v1/firmware_facts.pb.h"

namespace muster::policy {
namespace {

using Kind = Judgement::Kind;

// What makers publish firmware for, machine by machine.
constexpr std::array kCovered = {
    v1::FIRMWARE_KIND_SYSTEM,  v1::FIRMWARE_KIND_MANAGEMENT_CONTROLLER,
    v1::FIRMWARE_KIND_NVME,    v1::FIRMWARE_KIND_DISK,
    v1::FIRMWARE_KIND_NETWORK, v1::FIRMWARE_KIND_STORAGE_CONTROLLER,
};

Judgement judge_component(const RuleInput& input, const v1::FirmwareComponent& component) {
  const firmware::BaselineEntry* const entry = firmware::find_entry(*input.baselines, component);
  Judgement judgement{.subject = subject_of(component)};
  judgement.kind = entry == nullptr ? Kind::kUnmet : Kind::kMet;
  judgement.reason =
      entry == nullptr
          ? fmt::format("no baseline is about '{}' of '{}', which runs {}",
                        printable(component.model(), 128), printable(component.vendor(), 128),
                        component.version().empty() ? "a version that is not known"
                                                    : printable(component.version(), 128))
          : fmt::format("baseline {} is about it", entry->id);
  return judgement;
}

}  // namespace

RuleOutput judge_firmware_covered(const RuleInput& input) {
  RuleOutput output;
  if (input.baselines == nullptr || input.baselines->entries.empty()) {
    output.judgements.push_back(
        {.kind = Kind::kNotApplicable, .reason = "the policy has no baselines of firmware"});
    return output;
  }
  if (is_no_machine(input)) {
    output.judgements.push_back(
        {.kind = Kind::kNotApplicable,
         .reason = "it is no machine of its own: its firmware is its host's"});
    return output;
  }
  const auto section = read_one_section<v1::FirmwareFacts>(input, kFirmwareProbe, output);
  if (section.facts == nullptr) return output;
  for (const v1::FirmwareComponent& component : section.facts->components()) {
    if (std::find(kCovered.begin(), kCovered.end(), component.kind()) == kCovered.end()) continue;
    Judgement judgement = judge_component(input, component);
    judgement.holds_until = section.holds_until;
    output.judgements.push_back(std::move(judgement));
  }
  if (output.judgements.empty()) {
    output.judgements.push_back({.kind = Kind::kNotApplicable,
                                 .reason = "the machine tells of no firmware of its own",
                                 .holds_until = section.holds_until});
  }
  output.summary = firmware_summary(output.judgements, "have no baseline", "have a baseline");
  return output;
}

}  // namespace muster::policy
