// zone_dkim: each key that the target names by its selector is published, and long enough to be
// taken (RFC 8301: RSA of 1,024 bits at least, and 2,048 where one can choose). Which selectors a
// zone has, DNS does not tell: without any given this does not apply.
#include <fmt/format.h>

#include <string>

#include "common/counted.h"
#include "common/policy/rules/every_rule.h"
#include "common/policy/rules/zones.h"
#include "common/text.h"

namespace muster::policy {
namespace {

using Kind = Judgement::Kind;

constexpr size_t kLongestSelector = 256;
constexpr size_t kLongestType = 32;
constexpr int64_t kRecommendedBits = 2048;

// Of one that is well formed.
Judgement judge_length(const v1::DkimKey& key, const std::string& name, int64_t minimum_bits) {
  if (key.key_type() == "ed25519") {
    return {.kind = Kind::kMet, .reason = name + " is published (ed25519)"};
  }
  if (key.key_type() != "rsa") {
    return {.reason = fmt::format("{} is of a type newer than this collector ({})", name,
                                  printable(key.key_type(), kLongestType))};
  }
  const int64_t bits = key.key_bits();
  if (bits == 0) return {.reason = fmt::format("how long {} is was not told", name)};
  if (bits < minimum_bits) {
    return {.kind = Kind::kUnmet,
            .reason = fmt::format("{} has {} bits of RSA, and {} are the least", name, bits,
                                  minimum_bits)};
  }
  return {.kind = Kind::kMet,
          .reason = fmt::format("{} is published, with {} bits of RSA{}", name, bits,
                                bits < kRecommendedBits ? ", where 2048 are better" : "")};
}

Judgement judge_key(const v1::DkimKey& key, int64_t minimum_bits) {
  const std::string name =
      fmt::format("the DKIM key {}", printable(key.selector(), kLongestSelector));
  const std::string detail = in_brackets(key.detail());
  switch (key.state()) {
    case v1::RECORD_STATE_PRESENT:
      return judge_length(key, name, minimum_bits);
    case v1::RECORD_STATE_ABSENT:
      return {.kind = Kind::kUnmet,
              .reason = name + " is not published: nobody can check what it signs"};
    case v1::RECORD_STATE_INVALID:
      return {.kind = Kind::kUnmet, .reason = fmt::format("nobody goes by {}{}", name, detail)};
    default:
      return {.reason = fmt::format("whether {} is published is not known{}", name, detail)};
  }
}

}  // namespace

RuleOutput judge_zone_dkim(const RuleInput& input) {
  const int64_t minimum_bits = input.count("minimum_rsa_bits");
  RuleOutput output =
      judge_zone(input, [minimum_bits](const v1::ZoneFacts& facts) -> std::vector<Judgement> {
        std::vector<Judgement> judgements;
        for (const v1::DkimKey& key : facts.dkim_keys()) {
          judgements.push_back(judge_key(key, minimum_bits));
          judgements.back().subject = printable(key.selector(), kLongestSelector);
        }
        if (!judgements.empty()) return judgements;
        const std::string name = name_of(facts);
        return {{.subject = name,
                 .kind = Kind::kNotApplicable,
                 .reason = fmt::format("the target gives no selector of {} (dkim=)", name)}};
      });
  output.summary = summary_of_zone(
      output.judgements, "DKIM keys",
      fmt::format("{} are published", counted(output.judgements.size(), "DKIM key")));
  return output;
}

}  // namespace muster::policy
