// zone_signed: what the zone serves is signed by the keys that the zone above vouches for. A zone
// that is not signed at all is unmet only where that is required; one whose signatures do not fit
// is gone for everybody who checks, so that it has no deadline.
#include <fmt/format.h>

#include <string>

#include "common/policy/rules/every_rule.h"
#include "common/policy/rules/few_texts.h"
#include "common/policy/rules/zones.h"

namespace muster::policy {
namespace {

using Kind = Judgement::Kind;

constexpr size_t kMostKeys = 4;

// ", by key 20326"
std::string keys_of(const v1::ZoneFacts& facts) {
  FewTexts tags(kMostKeys);
  for (const v1::DelegationSigner& signer : facts.delegation_signers())
    tags.add(fmt::format("{}", signer.key_tag()));
  return tags.empty() ? "" : fmt::format(", by key {}", tags.joined());
}

Judgement judge_state_of_dnssec(const v1::ZoneFacts& facts, bool required) {
  const std::string name = name_of(facts);
  const std::string detail = in_brackets(facts.dnssec_detail());
  const Kind unsigned_kind = required ? Kind::kUnmet : Kind::kNotApplicable;
  switch (facts.dnssec()) {
    case v1::DNSSEC_STATE_GOOD:
      return {.kind = Kind::kMet,
              .reason = fmt::format("{} is signed as the zone above says{}", name, keys_of(facts))};
    case v1::DNSSEC_STATE_BROKEN:
      return {.kind = Kind::kUnmet,
              .reason = fmt::format("{} is not signed by the keys that the zone above vouches for: "
                                    "resolvers that check do not find it{}",
                                    name, detail)};
    case v1::DNSSEC_STATE_UNSIGNED:
      return {.kind = unsigned_kind, .reason = fmt::format("{} is not signed{}", name, detail)};
    case v1::DNSSEC_STATE_NOT_DELEGATED:
      return {.kind = unsigned_kind,
              .reason = fmt::format("{} is signed and nobody checks it: the zone above has no DS "
                                    "record{}",
                                    name, detail)};
    case v1::DNSSEC_STATE_UNSPECIFIED:
      return {.reason = fmt::format("whether {} is well signed is not known{}", name, detail)};
    default:
      return {.reason = fmt::format("what is known of the signatures of {} is newer than this "
                                    "collector",
                                    name)};
  }
}

}  // namespace

RuleOutput judge_zone_signed(const RuleInput& input) {
  const bool required = input.count("required") != 0;
  return judge_zone(input, [required](const v1::ZoneFacts& facts) -> std::vector<Judgement> {
    Judgement judgement = judge_state_of_dnssec(facts, required);
    judgement.subject = name_of(facts);
    return {judgement};
  });
}

}  // namespace muster::policy
