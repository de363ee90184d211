#include "common/policy/rules/firmware_components.h"

#include <fmt/format.h>

#include "common/firmware/baseline.h"
#include "common/policy/rules/every_rule.h"
#include "common/text.h"
#include "muster/v1/host_facts.pb.h"

namespace muster::policy {

std::string subject_of(const v1::FirmwareComponent& component) {
  std::string subject(firmware::kind_name(component.kind()));
  if (!component.name().empty()) subject += " " + printable(component.name(), 128);
  return subject;
}

std::string firmware_summary(const std::vector<Judgement>& judgements, std::string_view are_unmet,
                             std::string_view are_met) {
  using Kind = Judgement::Kind;
  constexpr size_t kMostNamed = 4;
  size_t counted = 0;
  for (const Judgement& judgement : judgements)
    counted += judgement.kind == Kind::kNotApplicable ? 0 : 1;
  for (const Kind kind : {Kind::kUnmet, Kind::kUnknown, Kind::kMet}) {
    std::vector<std::string> subjects;
    const Judgement* first = nullptr;
    for (const Judgement& judgement : judgements) {
      if (judgement.kind != kind) continue;
      if (first == nullptr) first = &judgement;
      subjects.push_back(judgement.subject);
    }
    if (first == nullptr) continue;
    if (subjects.size() == 1) return fmt::format("{}: {}", first->subject, first->reason);
    if (kind == Kind::kMet) return fmt::format("{} pieces of firmware {}", counted, are_met);
    return fmt::format("{} of {} pieces of firmware {}: {}", subjects.size(), counted,
                       kind == Kind::kUnmet ? are_unmet : "cannot be told of",
                       join_some(subjects, kMostNamed));
  }
  return {};
}

bool is_no_machine(const RuleInput& input) {
  const SectionState* const section = input.section(kHostProbe);
  if (section == nullptr || section->facts_type != v1::HostFacts::descriptor()->full_name())
    return false;
  const auto* const facts = input.facts.get<v1::HostFacts>(*section);
  return facts != nullptr && (facts->virtualization() == v1::VIRTUALIZATION_VIRTUAL_MACHINE ||
                              facts->virtualization() == v1::VIRTUALIZATION_CONTAINER);
}

}  // namespace muster::policy
