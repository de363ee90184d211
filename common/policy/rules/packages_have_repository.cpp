// packages_have_repository: not more than at_most installed packages are offered by no repository
// in any version. Nobody mends those.
#include <fmt/format.h>

#include <string>

#include "common/policy/rules/every_rule.h"
#include "common/policy/rules/package_sections.h"

namespace muster::policy {
namespace {

using Kind = Judgement::Kind;

Judgement judge_obsolete(const PackageFactsView& facts, int64_t at_most) {
  if (!facts.lists_present) {
    return {.kind = Kind::kUnknown,
            .reason = "no package lists are present, so it cannot be told what they offer"};
  }
  const std::string count = fmt::format("{} installed package{} in no repository", facts.obsolete,
                                        facts.obsolete == 1 ? " is" : "s are");
  if (facts.obsolete == 0) {
    return {.kind = Kind::kMet, .reason = "every installed package is in a repository"};
  }
  return {.kind = facts.obsolete > at_most ? Kind::kUnmet : Kind::kMet,
          .reason = at_most == 0 ? count : fmt::format("{}; {} may be", count, at_most)};
}

}  // namespace

RuleOutput judge_packages_have_repository(const RuleInput& input) {
  return judge_package_managers(
      input, [&input](const PackageFactsView& facts, const std::string& manager,
                      TimePoint holds_until, RuleOutput& output) {
        Judgement judgement = judge_obsolete(facts, input.count("at_most"));
        judgement.subject = manager;
        judgement.holds_until = holds_until;
        output.judgements.push_back(std::move(judgement));
      });
}

}  // namespace muster::policy
