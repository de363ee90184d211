// packages_whole: every package is fully installed and configured. One that is not blocks further
// work of the package manager, security updates too. rpm has no such state: to it this does not
// apply.
#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/policy/rules/every_rule.h"
#include "common/policy/rules/package_sections.h"
#include "common/text.h"

namespace muster::policy {
namespace {

using Kind = Judgement::Kind;

constexpr size_t kNamesInSummary = 5;

constexpr std::string_view kNotOfRpm =
    "rpm marks no package as half installed, and its probe does not look for other damage";

Judgement judge_whole(const std::string& manager) {
  if (manager != "rpm") return {.kind = Kind::kMet, .reason = "every package is fully installed"};
  return {.subject = manager, .kind = Kind::kNotApplicable, .reason = std::string(kNotOfRpm)};
}

std::string summary_of(const std::vector<std::string>& broken, const RuleOutput& output) {
  if (broken.empty()) {
    // Where nothing applies, rpm is in use: why the others are not says less.
    const bool is_rpm_alone = std::all_of(
        output.judgements.begin(), output.judgements.end(),
        [](const Judgement& judgement) { return judgement.kind == Kind::kNotApplicable; });
    return is_rpm_alone ? std::string(kNotOfRpm) : std::string();
  }
  return fmt::format("{} package{} not fully installed or configured: {}", broken.size(),
                     broken.size() == 1 ? " is" : "s are", join_some(broken, kNamesInSummary));
}

}  // namespace

RuleOutput judge_packages_whole(const RuleInput& input) {
  std::vector<std::string> broken;
  RuleOutput output = judge_package_managers(
      input, [&broken](const PackageFactsView& facts, const std::string& manager,
                       TimePoint holds_until, RuleOutput& judged) {
        for (const std::string_view package : facts.broken) {
          broken.push_back(printable(package, 256));
          judged.judgements.push_back({.subject = broken.back(),
                                       .kind = Kind::kUnmet,
                                       .reason = "it is not fully installed or configured",
                                       .holds_until = holds_until});
        }
        if (!facts.broken.empty()) return;
        Judgement judgement = judge_whole(manager);
        judgement.holds_until = holds_until;
        judged.judgements.push_back(std::move(judgement));
      });
  output.summary = summary_of(broken, output);
  return output;
}

}  // namespace muster::policy
