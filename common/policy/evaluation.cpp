#include "common/policy/evaluation.h"

#include <algorithm>
#include <utility>

#include "common/policy/control_evaluation.h"
#include "common/policy/control_memory.h"
#include "common/policy/rules.h"
#include "muster/v1/host_facts.pb.h"

namespace muster::policy {
namespace {

// Whether the control's earlier standing may stay.
bool still_holds(const Control& control, const Standing& standing, TimePoint now,
                 std::span<const std::string_view> changed) {
  const Rule* const rule = find_rule(control.rule);
  if (rule == nullptr || rule->looks_at_reports) return false;
  if (standing.awaits_heartbeat || now >= standing.valid_until) return false;
  return rule->probes.empty() ||
         std::none_of(changed.begin(), changed.end(),
                      [rule](std::string_view probe) { return rule->probes.include(probe); });
}

// Judges control by control. What an evaluation lacks of a control is judged, or taken over.
class HostEvaluation {
 public:
  HostEvaluation(const HostView& host, FirstSeen first_seen, const Policy& policy,
                 const HostScope& scope, TimePoint now)
      : input_{.host = host, .policy = policy, .scope = scope, .now = now} {
    evaluation_.first_seen = std::move(first_seen);
    evaluation_.standings.reserve(policy.controls.size());
  }

  void forget_other_controls() {
    evaluation_.first_seen_changed =
        policy::forget_other_controls(evaluation_.first_seen, input_.policy);
  }
  void judge(size_t control, bool in_words) {
    ControlEvaluation judged(input_, control, facts_, evaluation_.first_seen);
    if (in_words && selects_kind(input_.policy.controls[control].applies_to, input_.host.kind)) {
      evaluation_.verdicts.push_back(judged.verdict());
    }
    evaluation_.first_seen_changed |= judged.changed_memory();
    add(judged.standing());
  }
  // Keeps those that still hold.
  void judge_all(std::span<const Standing> earlier, std::span<const std::string_view> changed) {
    for (size_t control = 0; control < input_.policy.controls.size(); ++control) {
      if (!earlier.empty() &&
          still_holds(input_.policy.controls[control], earlier[control], input_.now, changed)) {
        add(earlier[control]);
      } else {
        judge(control, false);
      }
    }
  }
  void add(const Standing& standing) {
    evaluation_.standings.push_back(standing);
    evaluation_.valid_until = std::min(evaluation_.valid_until, standing.valid_until);
  }
  Evaluation take() { return std::move(evaluation_); }

 private:
  const EvaluationInput input_;
  ParsedFacts facts_;
  Evaluation evaluation_;
};

}  // namespace

HostOs os_of(std::span<const SectionState> sections) {
  for (const SectionState& section : sections) {
    if (!section.entity.empty() || section.probe != "host") continue;
    v1::HostFacts facts;
    if (section.facts_type != facts.GetTypeName() || !read_facts(section.facts, facts)) continue;
    return {.id = facts.os_id(), .version = facts.os_version_id()};
  }
  return {};
}

const v1::Verdict* Evaluation::find_verdict(std::string_view control) const {
  const auto found =
      std::find_if(verdicts.begin(), verdicts.end(),
                   [control](const v1::Verdict& verdict) { return verdict.control() == control; });
  return found == verdicts.end() ? nullptr : &*found;
}

HostTraits traits_of(const HostView& host, const HostOs& os) {
  return {.kind = host.kind,
          .name = host.name,
          .labels = host.labels,
          .os_id = os.id,
          .os_version = os.version};
}

v1::Status worst_of(std::span<const Standing> standings) {
  v1::Status worst = v1::STATUS_NOT_APPLICABLE;
  for (const Standing& standing : standings)
    worst = worse(worst, standing.status);
  return worst;
}

Evaluation evaluate(const HostView& host, FirstSeen first_seen, const Policy& policy,
                    TimePoint now) {
  const HostOs os = os_of(host.sections);
  const HostScope scope = scope_of(policy, traits_of(host, os));
  HostEvaluation evaluation(host, std::move(first_seen), policy, scope, now);
  evaluation.forget_other_controls();
  for (size_t control = 0; control < policy.controls.size(); ++control)
    evaluation.judge(control, true);
  return evaluation.take();
}

Evaluation evaluate_changed(const HostView& host, FirstSeen first_seen, const Policy& policy,
                            const HostScope& scope, TimePoint now,
                            std::span<const Standing> earlier,
                            std::span<const std::string_view> changed) {
  if (earlier.size() != policy.controls.size()) {
    return evaluate_carried(host, std::move(first_seen), policy, scope, now, {}, changed);
  }
  HostEvaluation evaluation(host, std::move(first_seen), policy, scope, now);
  evaluation.judge_all(earlier, changed);
  return evaluation.take();
}

Evaluation evaluate_carried(const HostView& host, FirstSeen first_seen, const Policy& policy,
                            const HostScope& scope, TimePoint now,
                            std::span<const Standing> carried,
                            std::span<const std::string_view> changed) {
  HostEvaluation evaluation(host, std::move(first_seen), policy, scope, now);
  evaluation.forget_other_controls();
  evaluation.judge_all(carried, changed);
  return evaluation.take();
}

}  // namespace muster::policy
