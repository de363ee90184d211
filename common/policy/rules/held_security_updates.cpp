// held_security_updates: no security update waits of a package that an operator holds at its
// version. It will not come by itself, and nobody sees it in the log of an upgrade. Phased and kept
// back ones are not held: security_updates has them. Of a held update whose repository does not
// tell what it is for, and where not all updates are seen, it is unknown.
#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string>
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

using Names = std::set<std::string_view>;

constexpr size_t kNamesInSummary = 5;

struct Tally {
  std::vector<std::string> held;
  std::vector<std::string> not_told;
  bool is_blind = false;
};

bool is_held(const Names& held, const WaitingSource& source) {
  return std::any_of(
      source.updates.begin(), source.updates.end(),
      [&held](const PendingUpdateView* update) { return held.contains(update->package); });
}

void judge_source(const WaitingSource& source, TimePoint holds_until, RuleOutput& output,
                  Tally& tally) {
  Judgement judgement{.subject = printable(source.name, 256),
                      .kind = Kind::kUnmet,
                      .reason = source.in_words(),
                      .holds_until = holds_until,
                      .severity = source.severity()};
  if (source.security == v1::SECURITY_YES) {
    tally.held.push_back(judgement.subject);
  } else {
    judgement.kind = Kind::kUnknown;
    judgement.reason += kNotTold;
    tally.not_told.push_back(judgement.subject);
  }
  output.judgements.push_back(std::move(judgement));
}

void judge_manager(const PackageFactsView& facts, TimePoint holds_until, RuleOutput& output,
                   Tally& tally) {
  const size_t before = output.judgements.size();
  const Names held(facts.held.begin(), facts.held.end());
  if (!held.empty()) {
    for (const WaitingSource& source : waiting_sources(facts)) {
      if (is_held(held, source)) judge_source(source, holds_until, output, tally);
    }
  }
  if (std::string blind = blind_spot(facts); !blind.empty()) {
    tally.is_blind = true;
    output.judgements.push_back(
        {.kind = Kind::kUnknown, .reason = std::move(blind), .holds_until = holds_until});
  } else if (output.judgements.size() == before) {
    output.judgements.push_back(
        {.kind = Kind::kMet, .reason = "no security update is held", .holds_until = holds_until});
  }
}

std::string summary_of(const Tally& tally) {
  if (const size_t count = tally.held.size(); count > 0) {
    return fmt::format("{} security update{} held: {}", count, count == 1 ? " is" : "s are",
                       join_some(tally.held, kNamesInSummary));
  }
  if (tally.is_blind || tally.not_told.empty()) return {};
  const size_t count = tally.not_told.size();
  return fmt::format("nobody tells whether {} held update{} security holes: {}", count,
                     count == 1 ? " closes" : "s close",
                     join_some(tally.not_told, kNamesInSummary));
}

}  // namespace

RuleOutput judge_held_security_updates(const RuleInput& input) {
  Tally tally;
  RuleOutput output = judge_package_managers(
      input,
      [&tally](const PackageFactsView& facts, const std::string& /*manager*/, TimePoint holds_until,
               RuleOutput& judged) { judge_manager(facts, holds_until, judged, tally); });
  output.summary = summary_of(tally);
  return output;
}

}  // namespace muster::policy
