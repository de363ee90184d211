// security_updates: every pending update that closes security holes is installed within the
// deadline of its severity, counted from when one of its source package was first seen to wait. An
// update that is held, phased or kept back is still open, so it is unmet like the others, and the
// reason says what is in its way. What a repository without errata offers, and what the
// configuration leaves out, is unknown: nobody tells whether it closes holes.
#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "common/policy/rules/every_rule.h"
#include "common/policy/rules/waiting_judgements.h"
#include "common/text.h"

namespace muster::policy {
namespace {

using Kind = Judgement::Kind;

constexpr size_t kNamesInSummary = 5;
constexpr size_t kNamesInReason = 3;

// Where no update of a repository without errata waits, none for security does.
std::string none_waits(const PackageFactsView& facts) {
  if (facts.repositories_without_errata.empty()) return "no security updates wait";
  std::vector<std::string> names;
  for (const std::string_view name : facts.repositories_without_errata)
    names.push_back(printable(name, 128));
  return fmt::format("no security updates wait, nor any of {}, which would not tell",
                     join_some(names, kNamesInReason));
}

// Left out and not held: what is held waits in the list of updates as well, and is judged there.
std::vector<std::string_view> excluded_alone(const PackageFactsView& facts) {
  if (facts.excluded.empty()) return {};
  const std::set<std::string_view> excluded(facts.excluded.begin(), facts.excluded.end());
  std::set<std::string_view> waiting;
  for (const PendingUpdateView& update : facts.pending_updates)
    waiting.insert(update.package);
  std::vector<std::string_view> alone;
  std::set_difference(excluded.begin(), excluded.end(), waiting.begin(), waiting.end(),
                      std::back_inserter(alone));
  return alone;
}

void judge_excluded(const PackageFactsView& facts, TimePoint holds_until, RuleOutput& output,
                    WaitingTally& tally) {
  for (const std::string_view package : excluded_alone(facts)) {
    output.judgements.push_back(
        {.subject = printable(package, 256),
         .kind = Kind::kUnknown,
         .reason = "the package manager's configuration leaves its updates out, so nobody sees "
                   "whether they close security holes",
         .holds_until = holds_until});
    tally.not_told.push_back(output.judgements.back().subject);
  }
}

void judge_all(const PackageFactsView& facts, TimePoint holds_until, RuleOutput& output,
               WaitingTally& tally) {
  for (const WaitingSource& source : waiting_sources(facts))
    judge_waiting_source(source, holds_until, output, tally);
  judge_excluded(facts, holds_until, output, tally);
}

std::string summary_of(const WaitingTally& tally) {
  if (!tally.open.empty()) {
    const size_t count = tally.open.size();
    std::string summary =
        fmt::format("{} security update{}: {}", count, count == 1 ? " waits" : "s wait",
                    join_some(tally.open, kNamesInSummary));
    if (tally.not_installable > 0) {
      summary += fmt::format(" ({} of them an upgrade would not install)", tally.not_installable);
    }
    return summary;
  }
  if (tally.is_blind || tally.not_told.empty()) return {};
  const size_t count = tally.not_told.size();
  return fmt::format("security: unknown; nobody tells of the updates of {} package{}: {}", count,
                     count == 1 ? "" : "s", join_some(tally.not_told, kNamesInSummary));
}

}  // namespace

RuleOutput judge_security_updates(const RuleInput& input) {
  return judge_waiting(input, {&judge_all, &none_waits, &summary_of});
}

}  // namespace muster::policy
