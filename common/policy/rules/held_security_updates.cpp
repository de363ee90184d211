// held_security_updates: no security update waits of a package that an operator holds at its
// version. It will not come by itself, and nobody sees it in the log of an upgrade. Phased and kept
// back ones are not held: security_updates has them. Of a held update whose repository does not
// tell what it is for, and where not all updates are seen, it is unknown.
#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string>
#include <string_view>

#include "common/policy/rules/every_rule.h"
#include "common/policy/rules/waiting_judgements.h"
#include "common/text.h"

namespace muster::policy {
namespace {

using Names = std::set<std::string_view>;

constexpr size_t kNamesInSummary = 5;

bool is_held(const Names& held, const WaitingSource& source) {
  return std::any_of(
      source.updates.begin(), source.updates.end(),
      [&held](const PendingUpdateView* update) { return held.contains(update->package); });
}

void judge_held(const PackageFactsView& facts, TimePoint holds_until, RuleOutput& output,
                WaitingTally& tally) {
  const Names held(facts.held.begin(), facts.held.end());
  if (held.empty()) return;
  for (const WaitingSource& source : waiting_sources(facts)) {
    if (is_held(held, source)) judge_waiting_source(source, holds_until, output, tally);
  }
}

std::string none_is_held(const PackageFactsView& /*facts*/) {
  return "no security update is held";
}

std::string summary_of(const WaitingTally& tally) {
  if (const size_t count = tally.open.size(); count > 0) {
    return fmt::format("{} security update{} held: {}", count, count == 1 ? " is" : "s are",
                       join_some(tally.open, kNamesInSummary));
  }
  if (tally.is_blind || tally.not_told.empty()) return {};
  const size_t count = tally.not_told.size();
  return fmt::format("nobody tells whether {} held update{} security holes: {}", count,
                     count == 1 ? " closes" : "s close",
                     join_some(tally.not_told, kNamesInSummary));
}

}  // namespace

RuleOutput judge_held_security_updates(const RuleInput& input) {
  return judge_waiting(input, {&judge_held, &none_is_held, &summary_of});
}

}  // namespace muster::policy
