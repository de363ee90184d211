#include "collector/policy_answers/explanation.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "collector/policy_words/policy_words.h"
#include "common/policy/host_scope.h"
#include "common/text.h"
#include "common/timestamp.h"
#include "muster/v1/host_facts.pb.h"

namespace muster::collector {
namespace {

constexpr size_t kNameShown = 300;

std::string did_you_mean(std::string_view name, const std::vector<std::string>& known) {
  const std::vector<std::string_view> views(known.begin(), known.end());
  const std::string_view nearest = nearest_name(name, views);
  return nearest.empty() ? "" : fmt::format(", did you mean \"{}\"?", printable(nearest));
}

absl::Status no_such_host(const Fleet& fleet, const std::string& name) {
  std::vector<std::string> names;
  const v1::HostList list = fleet.list_hosts();
  for (const v1::HostSummary& host : list.hosts())
    names.push_back(host.name());
  return absl::NotFoundError(fmt::format(
      "no host is called \"{}\"{} `muster-collector host list` shows all",
      printable(name, kNameShown), names.empty() ? ";" : did_you_mean(name, names) + ";"));
}

absl::Status not_a_host(const v1::ExplainRequest& request) {
  const std::string name = printable(request.host(), kNameShown);
  return absl::NotFoundError(fmt::format(
      "no host is called \"{0}\", but a target is; `muster-collector explain --target {0} "
      "{1}` tells of that",
      name, printable(request.control(), kNameShown)));
}

absl::Status no_such_control(const policy::Policy& policy, const std::string& id) {
  std::vector<std::string> ids;
  for (const policy::Control& control : policy.controls)
    ids.push_back(control.id);
  const std::string meant = did_you_mean(id, ids);
  return absl::NotFoundError(fmt::format("the policy in force has no control \"{}\"{}",
                                         printable(id, kNameShown),
                                         meant.empty() ? "; it has " + join_some(ids, 20) : meant));
}

absl::Status no_such_target(const TargetFleet* targets, const std::string& name) {
  std::vector<std::string> names;
  const v1::TargetList list = targets == nullptr ? v1::TargetList() : targets->list();
  for (const v1::TargetSummary& target : list.targets())
    names.push_back(target.name());
  return absl::NotFoundError(fmt::format(
      "no target is called \"{}\"{} `muster-collector target list` shows all",
      printable(name, kNameShown), names.empty() ? ";" : did_you_mean(name, names) + ";"));
}

absl::Status not_of_hosts(const policy::Control& control) {
  return absl::NotFoundError(
      fmt::format("the control \"{}\" is not for hosts, but for targets (kind: {}); "
                  "`muster-collector explain --target NAME {}` tells of one",
                  control.id, control.applies_to.kind, control.id));
}

absl::Status not_of_targets(const policy::Control& control, const std::string& kind) {
  return absl::NotFoundError(
      fmt::format("the control \"{}\" is not for targets of the kind {}", control.id, kind));
}

// What selectors look at of a host or a target. Refers to what it is made of.
struct Selected {
  explicit Selected(const v1::HostDetail& detail)
      : name(detail.summary().name()),
        labels(detail.summary().labels().begin(), detail.summary().labels().end()) {
    for (const v1::FleetSection& section : detail.sections()) {
      if (section.entity().empty() && section.probe() == "host") section.facts().UnpackTo(&facts);
    }
  }
  explicit Selected(const v1::TargetDetail& detail)
      : kind(detail.summary().kind()),
        name(detail.summary().name()),
        labels(detail.summary().labels().begin(), detail.summary().labels().end()) {}
  policy::HostTraits traits() const {
    return {.kind = kind,
            .name = name,
            .labels = &labels,
            .os_id = facts.os_id(),
            .os_version = facts.os_version_id()};
  }

  std::string_view kind = policy::kHostKind;
  std::string_view name;
  std::map<std::string, std::string> labels;
  v1::HostFacts facts;
};

// The waivers of the control that select it.
std::vector<v1::WaiverDescription> waivers_of(const policy::Policy& policy,
                                              const std::string& control,
                                              const Selected& selected) {
  const policy::HostScope scope = policy::scope_of(policy, selected.traits());
  std::vector<const policy::Waiver*> waivers;
  for (const uint32_t index : scope.waivers) {
    if (policy.waivers[index].control == control) waivers.push_back(&policy.waivers[index]);
  }
  std::sort(waivers.begin(), waivers.end(),
            [](const auto* a, const auto* b) { return a->ends < b->ends; });
  std::vector<v1::WaiverDescription> descriptions;
  for (const policy::Waiver* waiver : waivers)
    descriptions.push_back(describe_waiver(*waiver));
  return descriptions;
}

bool rests_on(const v1::Verdict& verdict, const std::string& probe) {
  return std::any_of(verdict.subjects().begin(), verdict.subjects().end(), [&](const auto& s) {
    return std::any_of(s.evidence().begin(), s.evidence().end(),
                       [&](const v1::Evidence& seen) { return seen.probe() == probe; });
  });
}

// All but whom it is about. NotFound: the policy has no such control, or it is of another kind.
template <typename Detail>
absl::StatusOr<v1::Explanation> explain_detail(
    const policy::Policy& policy, const std::string& control_id, Detail& detail,
    absl::Status (*of_another_kind)(const policy::Control&, const Detail&)) {
  const policy::Control* const control = policy.find_control(control_id);
  const auto verdict =
      std::find_if(detail.verdicts().begin(), detail.verdicts().end(),
                   [&control_id](const auto& v) { return v.control() == control_id; });
  if (control == nullptr) return no_such_control(policy, control_id);
  if (verdict == detail.verdicts().end()) return of_another_kind(*control, detail);
  v1::Explanation explanation;
  *explanation.mutable_verdict() = *verdict;
  *explanation.mutable_control() = describe_control(policy, *control);
  for (v1::WaiverDescription& waiver : waivers_of(policy, control->id, Selected(detail)))
    *explanation.add_waivers() = std::move(waiver);
  for (v1::FleetSection& section : *detail.mutable_sections()) {
    if (!rests_on(*verdict, section.probe())) continue;
    section.clear_facts();
    section.clear_measurements();
    *explanation.add_sections() = std::move(section);
  }
  return explanation;
}

absl::StatusOr<v1::Explanation> explain_target(const policy::Policy& policy,
                                               const TargetFleet* targets,
                                               const v1::ExplainRequest& request) {
  absl::StatusOr<v1::TargetDetail> detail = absl::NotFoundError("");
  if (targets != nullptr) detail = targets->detail(request.target());
  if (absl::IsNotFound(detail.status())) return no_such_target(targets, request.target());
  if (!detail.ok()) return detail.status();
  absl::StatusOr<v1::Explanation> explanation = explain_detail<v1::TargetDetail>(
      policy, request.control(), *detail,
      [](const policy::Control& control, const v1::TargetDetail& target) {
        return not_of_targets(control, target.summary().kind());
      });
  if (explanation.ok()) {
    *explanation->mutable_target() = std::move(*detail->mutable_summary());
  }
  return explanation;
}

absl::StatusOr<v1::Explanation> explain_host(const Fleet& fleet, const policy::Policy& policy,
                                             const TargetFleet* targets,
                                             const v1::ExplainRequest& request) {
  absl::StatusOr<v1::HostDetail> detail = fleet.host_detail(request.host());
  if (absl::IsNotFound(detail.status())) {
    const bool is_target = targets != nullptr && targets->detail(request.host()).ok();
    return is_target ? not_a_host(request) : no_such_host(fleet, request.host());
  }
  if (!detail.ok()) return detail.status();
  absl::StatusOr<v1::Explanation> explanation = explain_detail<v1::HostDetail>(
      policy, request.control(), *detail,
      [](const policy::Control& control, const v1::HostDetail& /*host*/) {
        return not_of_hosts(control);
      });
  if (explanation.ok()) *explanation->mutable_host() = std::move(*detail->mutable_summary());
  return explanation;
}

}  // namespace

absl::StatusOr<v1::Explanation> explain(const Fleet& fleet, const v1::ExplainRequest& request,
                                        TimePoint now, const TargetFleet* targets) {
  const std::shared_ptr<const policy::Policy> policy = fleet.policy();
  absl::StatusOr<v1::Explanation> explanation = request.target().empty()
                                                    ? explain_host(fleet, *policy, targets, request)
                                                    : explain_target(*policy, targets, request);
  if (explanation.ok()) *explanation->mutable_judged_at() = to_proto(now);
  return explanation;
}

}  // namespace muster::collector
