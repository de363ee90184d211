// domain_locked: the registry or the registrar has locked the domain against transfers. Where no
// status is published at all nobody can tell.
#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

#include "common/policy/rules/domains.h"
#include "common/policy/rules/every_rule.h"

namespace muster::policy {
namespace {

using Kind = Judgement::Kind;

bool is_lock(const std::string& status) {
  std::string plain;
  for (const char c : status) {
    if (std::isalpha(static_cast<unsigned char>(c)) != 0) {
      plain += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
  }
  // "clientTransferProhibited", "server transfer prohibited", "Transfer Locked".
  return plain.find("transferprohibited") != std::string::npos ||
         plain.find("transferlock") != std::string::npos;
}

}  // namespace

RuleOutput judge_domain_locked(const RuleInput& input) {
  RuleOutput output;
  const auto section = read_registration(input, output);
  if (section.facts == nullptr) return output;
  const v1::DomainFacts& facts = *section.facts;
  const std::string domain = shown_domain(facts);
  Judgement judgement;
  if (std::any_of(facts.statuses().begin(), facts.statuses().end(), is_lock)) {
    judgement = {.kind = Kind::kMet,
                 .reason = fmt::format("{} is locked against transfers", domain)};
  } else if (facts.statuses().empty() || facts.partial()) {
    judgement.reason = fmt::format("the registry does not say whether {} is locked", domain);
  } else {
    judgement = {.kind = Kind::kUnmet,
                 .reason = fmt::format("{} is not locked against transfers", domain)};
  }
  add_judgement(std::move(judgement), section, output);
  return output;
}

}  // namespace muster::policy
