// packages_whole: every package is fully installed and configured. One that is not blocks further
// work of the package manager, security updates too.
#include <string>
#include <string_view>

#include "common/policy/rules/every_rule.h"
#include "common/policy/rules/package_sections.h"
#include "common/text.h"

namespace muster::policy {

RuleOutput judge_packages_whole(const RuleInput& input) {
  return judge_package_managers(
      input, [](const PackageFactsView& facts, const std::string& /*manager*/,
                TimePoint holds_until, RuleOutput& output) {
        for (const std::string_view package : facts.broken) {
          output.judgements.push_back({.subject = printable(package, 256),
                                       .kind = Judgement::Kind::kUnmet,
                                       .reason = "it is not fully installed or configured",
                                       .holds_until = holds_until});
        }
        if (facts.broken.empty()) {
          output.judgements.push_back({.kind = Judgement::Kind::kMet,
                                       .reason = "every package is fully installed",
                                       .holds_until = holds_until});
        }
      });
}

}  // namespace muster::policy
