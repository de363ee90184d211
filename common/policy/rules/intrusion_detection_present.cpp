// intrusion_detection_present: some product that watches the host is installed, of those that
// Muster looks for.
#include "common/policy/rules/every_rule.h"
#include "common/policy/rules/protection_at_work.h"

namespace muster::policy {
RuleOutput judge_intrusion_detection_present(const RuleInput& input) {
  return judge_present(input, kIntrusionDetectionProbe);
}

}  // namespace muster::policy
