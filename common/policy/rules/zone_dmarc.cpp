// zone_dmarc: the zone, or the registered domain above it, says what shall become of mail that only
// claims to be from it (RFC 7489), and that is what `policies` asks for.
#include <absl/strings/ascii.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string>

#include "common/policy/rules/every_rule.h"
#include "common/policy/rules/zones.h"
#include "common/policy/selector.h"
#include "common/text.h"

namespace muster::policy {
namespace {

using Kind = Judgement::Kind;

constexpr size_t kLongestName = 256;
constexpr size_t kLongestPolicy = 32;

// " (of example.org)" where the record is not its own.
std::string found_at(const v1::ZoneFacts& facts) {
  const std::string& domain = facts.dmarc().domain();
  if (domain.empty() || absl::AsciiStrToLower(domain) == absl::AsciiStrToLower(facts.zone()))
    return "";
  return fmt::format(" (of {})", printable(domain, kLongestName));
}

Judgement judge_policy(const v1::ZoneFacts& facts, const Globs& policies) {
  const std::string policy = absl::AsciiStrToLower(facts.dmarc().policy());
  const std::string name = name_of(facts);
  if (policy.empty()) {
    return {.reason = fmt::format("what the DMARC record of {} asks for was not told{}", name,
                                  found_at(facts))};
  }
  const auto is_it = [&policy](const std::string& wanted) { return matches_glob(wanted, policy); };
  const bool is_wanted = policies.empty() || std::any_of(policies.begin(), policies.end(), is_it);
  const std::string says = fmt::format("the DMARC policy of {}{} is {}", name, found_at(facts),
                                       printable(policy, kLongestPolicy));
  if (!is_wanted) {
    return {.kind = Kind::kUnmet,
            .reason = fmt::format("{}, where {} is wanted", says, fmt::join(policies, " or "))};
  }
  return {.kind = Kind::kMet,
          .reason = policy == "none" ? says + ": forged mail is only told of" : says};
}

}  // namespace

RuleOutput judge_zone_dmarc(const RuleInput& input) {
  const bool required = input.count("required") != 0;
  const Globs& policies = input.globs("policies");
  return judge_zone(
      input, [required, &policies](const v1::ZoneFacts& facts) -> std::vector<Judgement> {
        if (const auto judgement =
                judge_state(facts, {.noun = "DMARC record",
                                    .state = facts.dmarc().state(),
                                    .detail = facts.dmarc().detail(),
                                    .required = required,
                                    .want = ": nobody is told what to do with forged mail"})) {
          return {*judgement};
        }
        Judgement judgement = judge_policy(facts, policies);
        judgement.subject = name_of(facts);
        return {judgement};
      });
}

}  // namespace muster::policy
