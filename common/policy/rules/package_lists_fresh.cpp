// package_lists_fresh: the lists of available packages were refreshed within lists_max_age. Without
// that, "no updates" is an old answer.
#include <fmt/format.h>

#include <algorithm>

#include "common/policy/rules/every_rule.h"
#include "common/policy/rules/package_sections.h"
#include "common/policy/rules/times.h"
#include "common/timestamp.h"

namespace muster::policy {
namespace {

Judgement judge_lists(const PackageFactsView& facts, const RuleInput& input) {
  if (!facts.lists_present) {
    return {.kind = Judgement::Kind::kUnmet, .reason = "no package lists are present"};
  }
  if (!facts.lists_updated_at) {
    return {.kind = Judgement::Kind::kUnmet, .reason = "the package lists were never refreshed"};
  }
  const TimePoint updated = *facts.lists_updated_at;
  const TimePoint too_old = saturating_add(updated, input.duration("lists_max_age"));
  if (input.now < too_old) {
    return {.kind = Judgement::Kind::kMet,
            .reason = fmt::format("the package lists were refreshed on {}", to_iso_date(updated)),
            .holds_until = too_old};
  }
  const Age age = describe_age(updated, input.now);
  return {.kind = Judgement::Kind::kUnmet,
          .reason = fmt::format("the package lists are {} old", age.words),
          .reads_until = age.changes_at};
}

}  // namespace

RuleOutput judge_package_lists_fresh(const RuleInput& input) {
  return judge_package_managers(
      input, [&input](const PackageFactsView& facts, const std::string& manager,
                      TimePoint holds_until, RuleOutput& output) {
        Judgement judgement = judge_lists(facts, input);
        judgement.subject = manager;
        judgement.holds_until = std::min(judgement.holds_until, holds_until);
        output.judgements.push_back(std::move(judgement));
      });
}

}  // namespace muster::policy
