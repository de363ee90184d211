// antivirus_present: some product against malware is installed, of those that Muster looks for.
#include "common/policy/rules/every_rule.h"
#include "common/policy/rules/protection_at_work.h"

namespace muster::policy {
RuleOutput judge_antivirus_present(const RuleInput& input) {
  return judge_present(input, kAntivirusProbe);
}

}  // namespace muster::policy
