// domain_delegation: the registry has the domain delegated to name servers that the policy lists,
// and to no others. Without a list there is nothing to judge.
#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

#include "common/policy/rules/domains.h"
#include "common/policy/rules/every_rule.h"
#include "common/policy/rules/few_texts.h"
#include "common/policy/selector.h"

namespace muster::policy {
namespace {

using Kind = Judgement::Kind;

constexpr size_t kShown = 3;

}  // namespace

RuleOutput judge_domain_delegation(const RuleInput& input) {
  const Globs& listed = input.globs("name_servers");
  RuleOutput output;
  const auto section = read_registration(input, output);
  if (section.facts == nullptr) return output;
  const v1::DomainFacts& facts = *section.facts;
  const std::string domain = shown_domain(facts);
  FewTexts others(kShown);
  for (const std::string& server : facts.name_servers()) {
    const bool is_listed = std::any_of(listed.begin(), listed.end(), [&](const std::string& glob) {
      return matches_glob(glob, server);
    });
    if (!is_listed) others.add(server);
  }
  Judgement judgement;
  if (listed.empty()) {
    judgement = {.kind = Kind::kNotApplicable, .reason = "the policy lists no name servers"};
  } else if (!others.empty()) {
    judgement = {.kind = Kind::kUnmet,
                 .reason = fmt::format("{} is delegated to {}, which the policy does not list",
                                       domain, others.joined())};
  } else if (facts.name_servers().empty() || facts.partial()) {
    judgement.reason =
        fmt::format("the registry does not say to which name servers {} is delegated", domain);
  } else {
    judgement = {.kind = Kind::kMet,
                 .reason = fmt::format("{} is delegated to the policy's name servers", domain)};
  }
  add_judgement(std::move(judgement), section, output);
  return output;
}

}  // namespace muster::policy
