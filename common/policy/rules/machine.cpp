#include "common/policy/rules/machine.h"

#include <fmt/format.h>

#include "common/policy/rules/every_rule.h"
#include "common/text.h"

namespace muster::policy {
namespace {

v1::Virtualization virtualization_of(const RuleInput& input) {
  const SectionState* const section = input.section(kHostProbe);
  if (section == nullptr || section->facts_type != v1::HostFacts::descriptor()->full_name())
    return v1::VIRTUALIZATION_UNSPECIFIED;
  const auto* const facts = input.facts.get<v1::HostFacts>(*section);
  return facts == nullptr ? v1::VIRTUALIZATION_UNSPECIFIED : facts->virtualization();
}

}  // namespace

std::string machine_summary(const std::vector<Judgement>& judgements, std::string_view subjects,
                            std::string_view are_unmet, std::string_view are_met) {
  using Kind = Judgement::Kind;
  constexpr size_t kMostNamed = 4;
  size_t counted = 0;
  for (const Judgement& judgement : judgements)
    counted += judgement.kind == Kind::kNotApplicable ? 0 : 1;
  for (const Kind kind : {Kind::kUnmet, Kind::kUnknown, Kind::kMet}) {
    std::vector<std::string> names;
    const Judgement* first = nullptr;
    for (const Judgement& judgement : judgements) {
      if (judgement.kind != kind) continue;
      if (first == nullptr) first = &judgement;
      names.push_back(judgement.subject);
    }
    if (first == nullptr) continue;
    if (names.size() == 1) {
      return first->subject.empty() ? first->reason
                                    : fmt::format("{}: {}", first->subject, first->reason);
    }
    if (kind == Kind::kMet) return fmt::format("{} {} {}", counted, subjects, are_met);
    return fmt::format("{} of {} {} {}: {}", names.size(), counted, subjects,
                       kind == Kind::kUnmet ? are_unmet : "cannot be told of",
                       join_some(names, kMostNamed));
  }
  return {};
}

bool is_no_machine(const RuleInput& input) {
  return is_container(input) || virtualization_of(input) == v1::VIRTUALIZATION_VIRTUAL_MACHINE;
}

bool is_container(const RuleInput& input) {
  return virtualization_of(input) == v1::VIRTUALIZATION_CONTAINER;
}

std::optional<Judgement> judge_unread(
    const google::protobuf::RepeatedPtrField<v1::UnreadableSource>& unreadable,
    std::string_view path) {
  for (const v1::UnreadableSource& source : unreadable) {
    const std::string_view beneath = source.path();
    if (!beneath.starts_with(path)) continue;
    if (beneath.size() > path.size() && beneath[path.size()] != '/') continue;
    return Judgement{
        .subject = printable(source.path(), 256),
        .kind = Judgement::Kind::kUnknown,
        .reason = source.error().empty() ? "it could not be read" : printable(source.error(), 300)};
  }
  return std::nullopt;
}

}  // namespace muster::policy
