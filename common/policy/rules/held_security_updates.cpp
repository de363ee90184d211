// held_security_updates: no security update waits of a package that an operator holds at its
// version. It will not come by itself, and nobody sees it in the log of an upgrade. Phased and kept
// back ones are not held: security_updates has them.
#include <algorithm>
#include <set>
#include <string>
#include <string_view>

#include "common/policy/rules/every_rule.h"
#include "common/policy/rules/package_sections.h"
#include "common/policy/rules/waiting_sources.h"
#include "common/text.h"

namespace muster::policy {
namespace {

using Kind = Judgement::Kind;

using Names = std::set<std::string_view>;

bool is_held(const Names& held, const WaitingSource& source) {
  return std::any_of(
      source.updates.begin(), source.updates.end(),
      [&held](const PendingUpdateView* update) { return held.contains(update->package); });
}

void judge_manager(const PackageFactsView& facts, TimePoint holds_until, RuleOutput& output) {
  if (!facts.lists_present) {
    output.judgements.push_back(
        {.kind = Kind::kUnknown,
         .reason = "no package lists are present, so nothing is known of updates",
         .holds_until = holds_until});
    return;
  }
  const size_t before = output.judgements.size();
  const Names held(facts.held.begin(), facts.held.end());
  if (!held.empty()) {
    for (const WaitingSource& source : waiting_sources(facts)) {
      if (source.security != v1::SECURITY_YES || !is_held(held, source)) continue;
      output.judgements.push_back({.subject = printable(source.name, 256),
                                   .kind = Kind::kUnmet,
                                   .reason = source.in_words(),
                                   .holds_until = holds_until,
                                   .severity = source.severity()});
    }
  }
  if (output.judgements.size() == before) {
    output.judgements.push_back(
        {.kind = Kind::kMet, .reason = "no security update is held", .holds_until = holds_until});
  }
}

}  // namespace

RuleOutput judge_held_security_updates(const RuleInput& input) {
  return judge_package_managers(
      input,
      [](const PackageFactsView& facts, const std::string& /*manager*/, TimePoint holds_until,
         RuleOutput& output) { judge_manager(facts, holds_until, output); });
}

}  // namespace muster::policy
