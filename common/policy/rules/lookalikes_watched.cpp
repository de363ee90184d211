// lookalikes_watched: no name that could be taken for the domain was registered within `within` by
// somebody else and can take mail. Older ones are no news, and ones without mail write to nobody.
// Each name is a subject.
#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

#include "common/counted.h"
#include "common/policy/rules/domains.h"
#include "common/policy/rules/every_rule.h"
#include "common/policy/rules/few_texts.h"
#include "common/policy/rules/times.h"
#include "common/text.h"
#include "common/timestamp.h"

namespace muster::policy {
namespace {

using Kind = Judgement::Kind;

constexpr size_t kLongestName = 253;
// Of the names that were looked for, so many may have no answer: some always time out.
constexpr uint32_t kUnansweredPart = 10;

std::string name_of(const v1::Lookalike& one) {
  const std::string name = printable(one.name(), kLongestName);
  return one.shown().empty() ? name
                             : fmt::format("{} ({})", name, printable(one.shown(), kLongestName));
}

Judgement judge(const v1::Lookalike& one, Duration within, TimePoint now) {
  Judgement judgement{.subject = printable(one.name(), kLongestName)};
  const std::string name = name_of(one);
  if (one.owned()) {
    return {.subject = judgement.subject,
            .kind = Kind::kMet,
            .reason = fmt::format("{} is the house's own: {}", name,
                                  printable(one.owned_because(), kLongestName))};
  }
  if (one.has_mail_ready() && !one.mail_ready()) {
    return {.subject = judgement.subject,
            .kind = Kind::kMet,
            .reason = fmt::format("{} takes no mail", name)};
  }
  const std::string mail = one.has_mail_ready() ? "can take mail" : "may be able to take mail";
  if (!one.has_registered()) {
    judgement.reason = fmt::format("{} is registered and {}; nobody said since when", name, mail);
    return judgement;
  }
  const TimePoint registered = from_proto(one.registered());
  const TimePoint old = saturating_add(registered, within);
  if (now >= old) {
    judgement.kind = Kind::kMet;
    judgement.reason = fmt::format("{} is registered since {}", name, to_iso_date(registered));
    return judgement;
  }
  judgement.kind = one.has_mail_ready() ? Kind::kUnmet : Kind::kUnknown;
  judgement.reason =
      fmt::format("{} was registered on {} and {}", name, to_iso_date(registered), mail);
  judgement.holds_until = old;
  return judgement;
}

// What was looked for, and not found out.
void add_unanswered(const v1::LookalikeFacts& facts, RuleOutput& output) {
  const uint32_t unanswered = facts.unanswered();
  if (facts.registered_omitted() > 0) {
    output.judgements.push_back({.reason = fmt::format("{} more registered names are not named",
                                                       facts.registered_omitted())});
  }
  if (facts.tried() == 0 || unanswered > facts.tried() / kUnansweredPart) {
    output.judgements.push_back(
        {.reason = fmt::format("of {} names that were looked for, {} had no answer", facts.tried(),
                               unanswered)});
  }
}

}  // namespace

RuleOutput judge_lookalikes_watched(const RuleInput& input) {
  RuleOutput output;
  const auto section = read_one_section<v1::LookalikeFacts>(input, kLookalikesProbe, output);
  if (section.facts == nullptr) return output;
  const Duration within = input.duration("within");
  FewTexts fresh(2);
  for (const v1::Lookalike& one : section.facts->registered()) {
    output.judgements.push_back(judge(one, within, input.now));
    if (output.judgements.back().kind == Kind::kUnmet)
      fresh.add(output.judgements.back().reason, 600);
  }
  add_unanswered(*section.facts, output);
  if (output.judgements.empty()) {
    output.judgements.push_back(
        {.kind = Kind::kMet,
         .reason = fmt::format("none of {} names like it is registered", section.facts->tried())});
  }
  if (fresh.size() > 1) {
    output.summary = fmt::format("{} were registered lately and can take mail: {}",
                                 counted(fresh.size(), "name"), fresh.joined("; "));
  }
  for (Judgement& judgement : output.judgements)
    judgement.holds_until = std::min(judgement.holds_until, section.holds_until);
  return output;
}

}  // namespace muster::policy
