// security_updates: every pending update that closes security holes is installed within the
// deadline, counted from when it was first seen. An update that is held, phased or kept back is
// still open, so it is unmet like the others, and the reason says what is in its way.
#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <vector>

#include "common/policy/rules/every_rule.h"
#include "common/policy/rules/package_sections.h"
#include "common/text.h"

namespace muster::policy {
namespace {

constexpr size_t kNamesInSummary = 5;

struct Tally {
  std::vector<std::string> waiting;
  std::vector<std::string> unspecified;
  size_t not_installable = 0;
  size_t not_told = 0;
};

std::string reason_of(const PendingUpdateView& update) {
  // The installed version is in the facts: a line of a terminal has no room for both.
  std::string reason = printable(update.candidate_version, 128);
  reason += " waits";
  if (!update.would_install) {
    const std::string_view because = update.not_installed_because;
    reason += fmt::format(", but an upgrade would not install it: {}",
                          because.empty() ? "no reason given" : printable(because, 200));
  }
  return reason;
}

// Whether a package waits in several architectures. A probe that is broken may say them in any
// order.
class DoubledPackages {
 public:
  explicit DoubledPackages(const PackageFactsView& facts) {
    names_.reserve(facts.pending_updates.size());
    for (const PendingUpdateView& update : facts.pending_updates)
      names_.push_back(update.package);
    if (!std::is_sorted(names_.begin(), names_.end())) std::sort(names_.begin(), names_.end());
  }
  bool contains(std::string_view name) const {
    const auto [first, last] = std::equal_range(names_.begin(), names_.end(), name);
    return last - first > 1;
  }

 private:
  std::vector<std::string_view> names_;
};

// "openssl", or "libc6:amd64" and "libc6:i386" where it waits in several architectures.
std::string subject_of(const PendingUpdateView& update, const DoubledPackages& doubled) {
  if (!doubled.contains(update.package)) return printable(update.package, 256);
  return printable(fmt::format("{}:{}", update.package, update.architecture), 256);
}

// What makes "nothing waits" mean nothing.
std::string blind_spot(const PackageFactsView& facts) {
  if (!facts.lists_present) {
    return "no package lists are present, so nothing is known of updates: check the repositories "
           "and refresh the lists";
  }
  if (!facts.lists_updated_at) {
    return "the package lists were never refreshed, so newer updates are not seen";
  }
  if (!facts.problems.empty()) {
    return fmt::format("not everything could be read: {}", printable(facts.problems.front(), 300));
  }
  return {};
}

void judge_manager(const PackageFactsView& facts, TimePoint holds_until, RuleOutput& output,
                   Tally& tally) {
  const DoubledPackages doubled(facts);
  const size_t before = output.judgements.size();
  output.judgements.reserve(before + facts.pending_updates.size() + 1);
  for (const PendingUpdateView& update : facts.pending_updates) {
    if (update.security == v1::SECURITY_NO) continue;
    Judgement judgement{.subject = subject_of(update, doubled),
                        .kind = Judgement::Kind::kUnmet,
                        .reason = reason_of(update),
                        .holds_until = holds_until};
    if (update.security == v1::SECURITY_YES) {
      tally.waiting.push_back(judgement.subject);
      if (!update.would_install) ++tally.not_installable;
    } else {
      judgement.kind = Judgement::Kind::kUnknown;
      judgement.reason += "; its repository does not tell whether it closes security holes";
      tally.unspecified.push_back(judgement.subject);
    }
    output.judgements.push_back(std::move(judgement));
  }
  if (std::string blind = blind_spot(facts); !blind.empty()) {
    ++tally.not_told;
    output.judgements.push_back({.kind = Judgement::Kind::kUnknown,
                                 .reason = std::move(blind),
                                 .holds_until = holds_until});
  } else if (output.judgements.size() == before) {
    output.judgements.push_back({.kind = Judgement::Kind::kMet,
                                 .reason = "no security updates wait",
                                 .holds_until = holds_until});
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
  // The sentence of a blind spot says more than a count of unspecified ones.
  if (tally.not_told > 0 || tally.unspecified.empty()) return {};
  const size_t count = tally.unspecified.size();
  return fmt::format("{} {} and the repositories do not tell whether for security: {}", count,
                     count == 1 ? "update waits" : "updates wait",
                     join_some(tally.unspecified, kNamesInSummary));
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
