// domain_registrar: the domain is at one of the registrars that the policy lists; capitals do not
// count. Without a list there is nothing to judge.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string>
#include <utility>

#include "common/policy/rules/domains.h"
#include "common/policy/rules/every_rule.h"
#include "common/policy/selector.h"
#include "common/text.h"

namespace muster::policy {
namespace {

using Kind = Judgement::Kind;

constexpr size_t kLongestRegistrar = 128;

std::string lower(std::string_view text) {
  std::string made(trim(text));
  std::transform(made.begin(), made.end(), made.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return made;
}

}  // namespace

RuleOutput judge_domain_registrar(const RuleInput& input) {
  const Globs& registrars = input.globs("registrars");
  RuleOutput output;
  const auto section = read_registration(input, output);
  if (section.facts == nullptr) return output;
  const v1::DomainFacts& facts = *section.facts;
  const std::string domain = shown_domain(facts);
  const std::string registrar = printable(facts.registrar(), kLongestRegistrar);
  Judgement judgement;
  if (registrars.empty()) {
    judgement = {.kind = Kind::kNotApplicable, .reason = "the policy lists no registrars"};
  } else if (facts.registrar().empty()) {
    judgement.reason = fmt::format("the registry does not say at which registrar {} is", domain);
  } else if (std::any_of(registrars.begin(), registrars.end(), [&](const std::string& one) {
               return matches_glob(lower(one), lower(facts.registrar()));
             })) {
    judgement = {.kind = Kind::kMet, .reason = fmt::format("{} is at {}", domain, registrar)};
  } else {
    judgement = {
        .kind = Kind::kUnmet,
        .reason = fmt::format("{} is at {}, which the policy does not list", domain, registrar)};
  }
  add_judgement(std::move(judgement), section, output);
  return output;
}

}  // namespace muster::policy
