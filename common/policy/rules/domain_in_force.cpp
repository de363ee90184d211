// domain_in_force: the domain is registered, and nothing says that it is being lost: it is not on
// hold, not in redemption, not about to be deleted, not on its way to another registrar.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "common/policy/rules/domains.h"
#include "common/policy/rules/every_rule.h"
#include "common/policy/rules/few_texts.h"
#include "common/text.h"

namespace muster::policy {
namespace {

using Kind = Judgement::Kind;

struct Status {
  std::string_view name;
  std::string_view meaning;
};
// EPP's (RFC 5731, RFC 3915), in lower case and without blanks, as registries that write their own
// mostly mean the same.
constexpr std::array<Status, 8> kLosing{{
    {"clienthold", "is on hold by its registrar: it is not in DNS"},
    {"serverhold", "is on hold by its registry: it is not in DNS"},
    {"inactive", "is not delegated"},
    {"redemptionperiod", "was deleted, and can be had back for a while"},
    {"pendingrestore", "was deleted, and is being restored"},
    {"pendingdelete", "is about to be deleted: nobody can keep it"},
    {"pendingtransfer", "is on its way to another registrar"},
    {"expired", "has expired"},
}};

std::string plain(std::string_view status) {
  std::string made;
  for (const char c : status) {
    if (c == ' ' || c == '-' || c == '_') continue;
    made += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return made;
}

Judgement judge_statuses(const v1::DomainFacts& facts) {
  FewTexts wrong(4);
  for (const std::string& status : facts.statuses()) {
    const std::string known = plain(status);
    for (const auto& [name, meaning] : kLosing) {
      if (known == name) wrong.add(meaning);
    }
  }
  const std::string domain = shown_domain(facts);
  if (!wrong.empty()) {
    return {.kind = Kind::kUnmet, .reason = fmt::format("{} {}", domain, wrong.joined(", and "))};
  }
  if (facts.partial()) {
    return {.reason = fmt::format("the registry gave only a part of what it knows of {}", domain)};
  }
  return {.kind = Kind::kMet,
          .reason = facts.statuses().empty()
                        ? fmt::format("{} is registered; its registry publishes no status", domain)
                        : fmt::format("{} is registered and in force", domain)};
}

}  // namespace

RuleOutput judge_domain_in_force(const RuleInput& input) {
  RuleOutput output;
  const auto section = read_one_section<v1::DomainFacts>(input, kDomainProbe, output);
  if (section.facts == nullptr) return output;
  const v1::DomainFacts& facts = *section.facts;
  Judgement judgement;
  switch (facts.answer()) {
    case v1::REGISTRY_ANSWER_REGISTERED:
      judgement = judge_statuses(facts);
      break;
    case v1::REGISTRY_ANSWER_FREE:
      judgement = {
          .kind = Kind::kUnmet,
          .reason = fmt::format("nobody has {}: anybody can register it", shown_domain(facts))};
      break;
    case v1::REGISTRY_ANSWER_RESERVED:
      judgement = {.kind = Kind::kUnmet,
                   .reason = fmt::format("nobody has {}, and its registry gives it to nobody",
                                         shown_domain(facts))};
      break;
    case v1::REGISTRY_ANSWER_UNSUPPORTED:
      judgement.reason =
          fmt::format("the registry of {} answers neither RDAP nor WHOIS, as far as is known",
                      shown_domain(facts));
      break;
    default:
      judgement.reason = "the look-up ended in a way newer than this collector";
  }
  add_judgement(std::move(judgement), section, output);
  return output;
}

}  // namespace muster::policy
