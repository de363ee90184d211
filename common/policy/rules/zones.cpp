#include "common/policy/rules/zones.h"

#include <fmt/format.h>

#include <algorithm>

#include "common/policy/rules/every_rule.h"
#include "common/policy/rules/one_section.h"
#include "common/text.h"

namespace muster::policy {
namespace {

using Kind = Judgement::Kind;

constexpr size_t kLongestName = 256;
constexpr size_t kLongestDetail = 256;

}  // namespace

std::string name_of(const v1::ZoneFacts& facts) {
  return printable(facts.zone(), kLongestName);
}

std::string in_brackets(std::string_view detail) {
  return detail.empty() ? "" : fmt::format(" ({})", printable(detail, kLongestDetail));
}

RuleOutput judge_zone(const RuleInput& input, const JudgeZone& judge) {
  RuleOutput output;
  const auto section = read_one_section<v1::ZoneFacts>(input, kZoneProbe, output);
  if (section.facts == nullptr) return output;
  output.judgements = judge(*section.facts);
  for (Judgement& judgement : output.judgements)
    judgement.holds_until = std::min(judgement.holds_until, section.holds_until);
  return output;
}

std::optional<Judgement> judge_state(const v1::ZoneFacts& facts, const ZoneRecord& record) {
  const std::string name = name_of(facts);
  const std::string detail = in_brackets(record.detail);
  switch (record.state) {
    case v1::RECORD_STATE_PRESENT:
      return std::nullopt;
    case v1::RECORD_STATE_ABSENT:
      return Judgement{.subject = name,
                       .kind = record.required ? Kind::kUnmet : Kind::kNotApplicable,
                       .reason = fmt::format("{} has no {}{}", name, record.noun,
                                             record.required ? record.want : "")};
    case v1::RECORD_STATE_INVALID:
      return Judgement{
          .subject = name,
          .kind = Kind::kUnmet,
          .reason = fmt::format("nobody goes by the {} of {}{}", record.noun, name, detail)};
    case v1::RECORD_STATE_UNSPECIFIED:
      return Judgement{.subject = name,
                       .reason = fmt::format("whether {} has a good {} is not known{}", name,
                                             record.noun, detail)};
    default:
      return Judgement{.subject = name,
                       .reason = fmt::format("what is known of the {} of {} is newer than this "
                                             "collector",
                                             record.noun, name)};
  }
}

std::string summary_of_zone(const std::vector<Judgement>& judgements, std::string_view nouns,
                            std::string_view all_met) {
  size_t unmet = 0;
  const Judgement* first = nullptr;
  for (const Judgement& judgement : judgements) {
    if (judgement.kind == Kind::kUnknown) return {};
    if (judgement.kind != Kind::kUnmet) continue;
    if (unmet++ == 0) first = &judgement;
  }
  if (first == nullptr) return judgements.size() > 1 ? std::string(all_met) : "";
  if (unmet == 1) return {};
  return fmt::format("{}; and {} more of {} {}", first->reason, unmet - 1, judgements.size(),
                     nouns);
}

}  // namespace muster::policy
