#include "common/policy/policy.h"

#include <algorithm>
#include <utility>

#include "common/policy/control_evaluation.h"
#include "common/policy/control_memory.h"
#include "common/policy/rules.h"

namespace muster::policy {
namespace {

// Whether the control's earlier verdict may stay.
bool still_holds(const Control& control, const Evaluation::Hold& hold, TimePoint now,
                 std::span<const std::string_view> changed) {
  const Rule* const rule = find_rule(control.rule);
  // Without probes it looks at the host itself, whose times have moved.
  if (rule == nullptr || rule->probes.empty()) return false;
  if (hold.has_unknown || now >= hold.valid_until) return false;
  return std::none_of(changed.begin(), changed.end(),
                      [rule](std::string_view probe) { return probe.starts_with(rule->probes); });
}

// Judges control by control. What an evaluation lacks of a control is judged, or taken over.
class HostEvaluation {
 public:
  HostEvaluation(const HostView& host, FirstSeen first_seen, const Policy& policy, TimePoint now)
      : host_(host), policy_(policy), now_(now) {
    evaluation_.first_seen = std::move(first_seen);
    evaluation_.verdicts.reserve(policy.controls.size());
    evaluation_.holds.reserve(policy.controls.size());
  }

  void forget_other_controls() {
    evaluation_.first_seen_changed = policy::forget_other_controls(evaluation_.first_seen, policy_);
  }
  void judge(const Control& control, bool with_subjects) {
    ControlEvaluation judged(host_, control, now_, facts_, evaluation_.first_seen);
    v1::Verdict verdict = judged.judge(with_subjects);
    evaluation_.first_seen_changed |= judged.changed_memory();
    add(std::move(verdict), judged.hold());
  }
  void add(v1::Verdict verdict, const Evaluation::Hold& hold) {
    evaluation_.verdicts.push_back(std::move(verdict));
    evaluation_.holds.push_back(hold);
    evaluation_.valid_until = std::min(evaluation_.valid_until, hold.valid_until);
  }
  Evaluation take() { return std::move(evaluation_); }

 private:
  const HostView& host_;
  const Policy& policy_;
  const TimePoint now_;
  ParsedFacts facts_;
  Evaluation evaluation_;
};

}  // namespace

Evaluation evaluate(const HostView& host, FirstSeen first_seen, const Policy& policy,
                    TimePoint now) {
  HostEvaluation evaluation(host, std::move(first_seen), policy, now);
  evaluation.forget_other_controls();
  for (const Control& control : policy.controls)
    evaluation.judge(control, true);
  return evaluation.take();
}

Evaluation evaluate_changed(const HostView& host, FirstSeen first_seen, const Policy& policy,
                            TimePoint now, const Earlier& earlier,
                            std::span<const std::string_view> changed) {
  HostEvaluation evaluation(host, std::move(first_seen), policy, now);
  const bool comparable = earlier.holds.size() == policy.controls.size() &&
                          earlier.verdicts.size() == policy.controls.size();
  if (!comparable) evaluation.forget_other_controls();
  for (size_t i = 0; i < policy.controls.size(); ++i) {
    if (comparable && still_holds(policy.controls[i], earlier.holds[i], now, changed)) {
      evaluation.add(earlier.verdicts[i], earlier.holds[i]);
    } else {
      evaluation.judge(policy.controls[i], false);
    }
  }
  return evaluation.take();
}

}  // namespace muster::policy
