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

absl::Status no_such_control(const policy::Policy& policy, const std::string& id) {
  std::vector<std::string> ids;
  for (const policy::Control& control : policy.controls)
    ids.push_back(control.id);
  const std::string meant = did_you_mean(id, ids);
  return absl::NotFoundError(fmt::format("the policy in force has no control \"{}\"{}",
                                         printable(id, kNameShown),
                                         meant.empty() ? "; it has " + join_some(ids, 20) : meant));
}

absl::Status not_of_hosts(const policy::Control& control) {
  return absl::NotFoundError(
      fmt::format("the control \"{}\" is not for hosts, but for targets (kind: {}); "
                  "`muster-collector target show NAME` has their verdicts",
                  control.id, control.applies_to.kind));
}

// The waivers of the control that select the host.
std::vector<v1::WaiverDescription> waivers_of(const policy::Policy& policy,
                                              const std::string& control,
                                              const v1::HostDetail& detail) {
  const v1::HostSummary& summary = detail.summary();
  const std::map<std::string, std::string> labels(summary.labels().begin(), summary.labels().end());
  v1::HostFacts facts;
  for (const v1::FleetSection& section : detail.sections()) {
    if (section.entity().empty() && section.probe() == "host") section.facts().UnpackTo(&facts);
  }
  const policy::HostScope scope = policy::scope_of(policy, {.name = summary.name(),
                                                            .labels = &labels,
                                                            .os_id = facts.os_id(),
                                                            .os_version = facts.os_version_id()});
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

}  // namespace

absl::StatusOr<v1::Explanation> explain(const Fleet& fleet, const v1::ExplainRequest& request,
                                        TimePoint now) {
  absl::StatusOr<v1::HostDetail> detail = fleet.host_detail(request.host());
  if (absl::IsNotFound(detail.status())) return no_such_host(fleet, request.host());
  if (!detail.ok()) return detail.status();
  const std::shared_ptr<const policy::Policy> policy = fleet.policy();
  const policy::Control* const control = policy->find_control(request.control());
  const auto verdict =
      std::find_if(detail->verdicts().begin(), detail->verdicts().end(),
                   [&request](const auto& v) { return v.control() == request.control(); });
  if (control == nullptr) return no_such_control(*policy, request.control());
  if (verdict == detail->verdicts().end()) return not_of_hosts(*control);
  v1::Explanation explanation;
  *explanation.mutable_judged_at() = to_proto(now);
  *explanation.mutable_verdict() = *verdict;
  *explanation.mutable_control() = describe_control(*policy, *control);
  for (v1::WaiverDescription& waiver : waivers_of(*policy, control->id, *detail))
    *explanation.add_waivers() = std::move(waiver);
  for (v1::FleetSection& section : *detail->mutable_sections()) {
    if (!section.entity().empty() || !rests_on(*verdict, section.probe())) continue;
    section.clear_facts();
    section.clear_measurements();
    *explanation.add_sections() = std::move(section);
  }
  *explanation.mutable_host() = std::move(*detail->mutable_summary());
  return explanation;
}

}  // namespace muster::collector
