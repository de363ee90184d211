#include "common/policy/rules/domains.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "common/text.h"

namespace muster::policy {
namespace {

constexpr size_t kLongestDomain = 253;

}  // namespace

std::string shown_domain(const v1::DomainFacts& facts) {
  return printable(facts.domain(), kLongestDomain);
}

void add_judgement(Judgement judgement, const OneSection<v1::DomainFacts>& section,
                   RuleOutput& output) {
  judgement.subject = shown_domain(*section.facts);
  judgement.holds_until = std::min(judgement.holds_until, section.holds_until);
  output.judgements.push_back(std::move(judgement));
}

OneSection<v1::DomainFacts> read_registration(const RuleInput& input, RuleOutput& output) {
  auto section = read_one_section<v1::DomainFacts>(input, kDomainProbe, output);
  if (section.facts == nullptr) return section;
  Judgement judgement;
  switch (section.facts->answer()) {
    case v1::REGISTRY_ANSWER_REGISTERED:
      return section;
    case v1::REGISTRY_ANSWER_FREE:
    case v1::REGISTRY_ANSWER_RESERVED:
      judgement = {.kind = Judgement::Kind::kNotApplicable,
                   .reason = fmt::format("{} is not registered", shown_domain(*section.facts))};
      break;
    case v1::REGISTRY_ANSWER_UNSUPPORTED:
      judgement.reason =
          fmt::format("the registry of {} answers neither RDAP nor WHOIS, as far as is known",
                      shown_domain(*section.facts));
      break;
    default:
      judgement.reason = "the look-up ended in a way newer than this collector";
  }
  add_judgement(std::move(judgement), section, output);
  section.facts = nullptr;
  return section;
}

}  // namespace muster::policy
