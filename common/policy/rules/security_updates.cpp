// security_updates: every pending update that closes security holes is installed within the
// deadline of its severity, counted from when one of its source package was first seen to wait. An
// update that is held, phased or kept back is still open, so it is unmet like the others, and the
// reason says what is in its way. What a repository without errata offers, and what the
// configuration leaves out, is unknown: nobody tells whether it closes holes.
#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "common/policy/rules/every_rule.h"
#include "common/policy/rules/package_sections.h"
#include "common/policy/rules/waiting_sources.h"
#include "common/text.h"

namespace muster::policy {
namespace {

using Kind = Judgement::Kind;

constexpr size_t kNamesInSummary = 5;
constexpr size_t kNamesInReason = 3;

struct Tally {
  std::vector<std::string> waiting;
  std::vector<std::string> unspecified;
  size_t not_installable = 0;
  // Sentences about the whole that say more than a count.
  size_t not_told = 0;
};

// Where no update of a repository without errata waits, none for security does.
std::string none_waits(const PackageFactsView& facts) {
  if (facts.repositories_without_errata.empty()) return "no security updates wait";
  std::vector<std::string> names;
  for (const std::string_view name : facts.repositories_without_errata)
    names.push_back(printable(name, 128));
  return fmt::format("no security updates wait, nor any of {}, which would not tell",
                     join_some(names, kNamesInReason));
}

void judge_source(const WaitingSource& source, TimePoint holds_until, RuleOutput& output,
                  Tally& tally) {
  Judgement judgement{.subject = printable(source.name, 256),
                      .kind = Kind::kUnmet,
                      .reason = source.in_words(),
                      .holds_until = holds_until,
                      .severity = source.severity()};
  if (source.security == v1::SECURITY_YES) {
    tally.waiting.push_back(judgement.subject);
    if (!source.would_install()) ++tally.not_installable;
  } else {
    judgement.kind = Kind::kUnknown;
    judgement.reason += kNotTold;
    tally.unspecified.push_back(judgement.subject);
  }
  output.judgements.push_back(std::move(judgement));
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
                    Tally& tally) {
  for (const std::string_view package : excluded_alone(facts)) {
    output.judgements.push_back(
        {.subject = printable(package, 256),
         .kind = Kind::kUnknown,
         .reason = "the package manager's configuration leaves its updates out, so nobody sees "
                   "whether they close security holes",
         .holds_until = holds_until});
    tally.unspecified.push_back(output.judgements.back().subject);
  }
}

void judge_manager(const PackageFactsView& facts, TimePoint holds_until, RuleOutput& output,
                   Tally& tally) {
  const size_t before = output.judgements.size();
  for (const WaitingSource& source : waiting_sources(facts))
    judge_source(source, holds_until, output, tally);
  judge_excluded(facts, holds_until, output, tally);
  if (std::string blind = blind_spot(facts); !blind.empty()) {
    ++tally.not_told;
    output.judgements.push_back(
        {.kind = Kind::kUnknown, .reason = std::move(blind), .holds_until = holds_until});
  } else if (output.judgements.size() == before) {
    output.judgements.push_back(
        {.kind = Kind::kMet, .reason = none_waits(facts), .holds_until = holds_until});
  }
}

std::string summary_of(const Tally& tally) {
  if (!tally.waiting.empty()) {
    const size_t count = tally.waiting.size();
    std::string summary =
        fmt::format("{} security update{}: {}", count, count == 1 ? " waits" : "s wait",
                    join_some(tally.waiting, kNamesInSummary));
    if (tally.not_installable > 0) {
      summary += fmt::format(" ({} of them an upgrade would not install)", tally.not_installable);
    }
    return summary;
  }
  if (tally.not_told > 0 || tally.unspecified.empty()) return {};
  const size_t count = tally.unspecified.size();
  return fmt::format("security: unknown; nobody tells of the updates of {} package{}: {}", count,
                     count == 1 ? "" : "s", join_some(tally.unspecified, kNamesInSummary));
}

}  // namespace

RuleOutput judge_security_updates(const RuleInput& input) {
  Tally tally;
  RuleOutput output = judge_package_managers(
      input,
      [&tally](const PackageFactsView& facts, const std::string& /*manager*/, TimePoint holds_until,
               RuleOutput& judged) { judge_manager(facts, holds_until, judged, tally); });
  output.summary = summary_of(tally);
  return output;
}

}  // namespace muster::policy
