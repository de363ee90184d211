// served_certificate_renewal: what is served is replaced before it comes close to its end, as
// certificate_renewal has it of files: that the file was renewed helps nobody until it is served.
// An authority that ends before the leaf shortens the leaf's life, and is judged as well; one that
// ends later is replaced with the leaf.
#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

#include "common/policy/rules/every_rule.h"
#include "common/policy/rules/renewal_window.h"
#include "common/policy/rules/served.h"
#include "common/text.h"
#include "common/timestamp.h"

namespace muster::policy {
namespace {

using Kind = Judgement::Kind;

// The one that is due earlier; of two that are not, the words of the first until either changes.
void join(Judgement& judgement, Judgement other) {
  if (other.kind == Kind::kUnmet &&
      (judgement.kind != Kind::kUnmet || other.deadline < judgement.deadline)) {
    judgement = std::move(other);
  } else if (other.kind == Kind::kMet && judgement.kind == Kind::kMet) {
    judgement.holds_until = std::min(judgement.holds_until, other.holds_until);
  }
}

Judgement judge_ends(const Served& served, const RuleInput& input) {
  const v1::Certificate& leaf = served.leaf();
  if (!leaf.has_not_before() || !leaf.has_not_after()) {
    return {.reason = fmt::format("the dates of {} could not be read", name_of(leaf))};
  }
  const TimePoint leaf_ends = from_proto(leaf.not_after());
  const std::string leaf_name = name_of(leaf);
  Judgement judgement = judge_renewal(
      {.name = leaf_name, .begins = from_proto(leaf.not_before()), .ends = leaf_ends}, input);
  // What has ended is served_certificate_valid's matter.
  if (judgement.kind == Kind::kNotApplicable) return judgement;
  for (int i = 1; i < served.chain.certificates_size(); ++i) {
    const v1::Certificate& authority = served.chain.certificates(i);
    if (!authority.has_not_before() || !authority.has_not_after()) continue;
    const TimePoint ends = from_proto(authority.not_after());
    if (ends >= leaf_ends) continue;
    const std::string name = fmt::format("{}, served with it,", name_of(authority));
    join(judgement,
         judge_renewal({.name = name, .begins = from_proto(authority.not_before()), .ends = ends},
                       input));
  }
  if (served.chain.trust() != v1::CHAIN_TRUST_TRUSTED || !served.chain.has_anchor_not_after())
    return judgement;
  const TimePoint ends = from_proto(served.chain.anchor_not_after());
  if (ends >= leaf_ends) return judgement;
  // Since when it is valid is not told; authorities of a store are for decades.
  const std::string name =
      fmt::format("{}, to which it leads,", printable(served.chain.anchor(), 128));
  join(judgement, judge_renewal({.name = name, .begins = TimePoint{}, .ends = ends}, input));
  return judgement;
}

}  // namespace

RuleOutput judge_served_certificate_renewal(const RuleInput& input) {
  return judge_each_service(input, {.all_met = "no certificate that is served is close to its end"},
                            [&input](const Served& served) { return judge_ends(served, input); });
}

}  // namespace muster::policy
