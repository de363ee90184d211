#include "collector/metrics/policy_metrics.h"

#include <array>
#include <iterator>
#include <utility>

#include "collector/fleet/compliance_sums.h"
#include "collector/metrics/metric_family_maker.h"
#include "common/policy/status.h"
#include "common/timestamp.h"

namespace muster::collector {
namespace {

constexpr Duration kLookAtSelectorsEvery = std::chrono::minutes(1);

// Compliance of every control by every value of every label: by far the most series.
prometheus::MetricFamily compliance_ratio(const std::vector<ComplianceSum>& sums) {
  MetricFamilyMaker maker("muster_compliance_ratio",
                          "Share of the pairs of host and control that comply, of those that "
                          "apply; what is unknown counts against.");
  prometheus::MetricFamily ratios = maker.take();
  ratios.metric.reserve(sums.size());
  for (const ComplianceSum& sum : sums) {
    // Ids of controls and names of labels are plain, and values are as they are shown.
    prometheus::ClientMetric& metric = ratios.metric.emplace_back();
    metric.label.reserve(3);
    metric.label.push_back({"control", sum.control});
    metric.label.push_back({"by", sum.by});
    metric.label.push_back({"value", sum.value});
    metric.gauge.value = static_cast<double>(sum.count.compliant) / sum.count.judged;
  }
  return ratios;
}

double in_seconds(Duration duration) {
  return std::chrono::duration<double>(duration).count();
}

// One of each control, or one of each severity where these differ.
prometheus::MetricFamily deadlines(const policy::Policy& policy) {
  MetricFamilyMaker family("muster_policy_control_deadline_seconds",
                           "How long the policy gives for what is unmet of a control.");
  constexpr std::array kSeverities = {v1::SEVERITY_LOW, v1::SEVERITY_MEDIUM, v1::SEVERITY_HIGH,
                                      v1::SEVERITY_CRITICAL};
  for (const policy::Control& control : policy.controls) {
    const policy::Deadlines& deadlines = control.deadlines;
    if (deadlines == policy::Deadlines::all(deadlines.low)) {
      family.add({{"control", control.id}, {"severity", ""}}, in_seconds(deadlines.low));
      continue;
    }
    for (const v1::Severity severity : kSeverities) {
      family.add({{"control", control.id}, {"severity", policy::severity_name(severity)}},
                 in_seconds(deadlines.of(severity)));
    }
  }
  return family.take();
}

prometheus::MetricFamily waivers(const policy::Policy& policy) {
  MetricFamilyMaker family("muster_waiver_end_timestamp_seconds",
                           "When a waiver of the policy ends, or has ended.");
  for (const policy::Waiver& waiver : policy.waivers) {
    family.add({{"waiver", waiver.id},
                {"control", waiver.control},
                {"approved_by", waiver.approved_by},
                {"ticket", waiver.ticket}},
               to_unix_seconds(waiver.ends));
  }
  return family.take();
}

prometheus::MetricFamily dates(const policy::Policy& policy) {
  MetricFamilyMaker family("muster_date_timestamp_seconds",
                           "A date that the policy keeps, as the end of a contract.");
  for (const policy::KeptDate& date : policy.dates) {
    family.add({{"date", date.name}, {"kind", date.kind}, {"owner", date.owner}},
               to_unix_seconds(date.date));
  }
  return family.take();
}

prometheus::MetricFamily owners(const policy::Policy& policy) {
  MetricFamilyMaker family("muster_owner_info", "How to reach a team that answers for hosts.");
  for (const policy::Owner& owner : policy.owners) {
    family.add(
        {{"owner", owner.team}, {"contact", owner.contact}, {"escalation", owner.escalation}}, 1);
  }
  return family.take();
}

prometheus::MetricFamily single(const char* name, const char* help, double value,
                                exposition::Labels labels = {}) {
  MetricFamilyMaker family(name, help);
  family.add(labels, value);
  return family.take();
}

}  // namespace

void PolicyMetrics::note_reload(bool successful) {
  is_last_reload_successful_ = successful;
  if (!successful) return;
  loaded_at_ = clock_.now();
}

void PolicyMetrics::look_at_selectors() {
  const TimePoint now = clock_.now();
  const uint64_t scopes = scope_changes();
  if (scopes == looked_at_scopes_ || now < next_look_) return;
  looked_at_scopes_ = scopes;
  next_look_ = now + kLookAtSelectorsEvery;
  selectors_without_hosts_ = fleet_.selectors_without_hosts(*fleet_.policy(), targets_).size();
}

std::vector<GroupCounts> PolicyMetrics::compliance() const {
  std::vector<GroupCounts> groups = fleet_.compliance();
  if (targets_ == nullptr) return groups;
  std::vector<GroupCounts> of_targets = targets_->compliance();
  std::move(of_targets.begin(), of_targets.end(), std::back_inserter(groups));
  return groups;
}

uint64_t PolicyMetrics::scope_changes() const {
  return fleet_.scope_changes() + (targets_ == nullptr ? 0 : targets_->scope_changes());
}

std::vector<prometheus::MetricFamily> PolicyMetrics::Collect() const {
  const std::shared_ptr<const policy::Policy> policy = fleet_.policy();
  std::vector<prometheus::MetricFamily> families;
  families.push_back(compliance_ratio(sum_compliance(compliance())));
  families.push_back(waivers(*policy));
  families.push_back(dates(*policy));
  families.push_back(owners(*policy));
  families.push_back(single("muster_policy_info",
                            "The policy in force, by the SHA-256 over its files.", 1,
                            {{"sha256", policy->sha256}}));
  families.push_back(single("muster_policy_controls", "Controls of the policy.",
                            static_cast<double>(policy->controls.size())));
  families.push_back(deadlines(*policy));
  families.push_back(single("muster_policy_loaded_timestamp_seconds",
                            "When the policy in force was read.", to_unix_seconds(loaded_at_)));
  families.push_back(
      single("muster_policy_last_reload_successful",
             "1 if the last reload was taken; 0 if it was refused, and what was in force stays.",
             is_last_reload_successful_ ? 1 : 0));
  families.push_back(single("muster_policy_selectors_without_hosts",
                            "Selectors of the policy that select none of the fleet's hosts.",
                            static_cast<double>(selectors_without_hosts_)));
  std::erase_if(families, [](const auto& family) { return family.metric.empty(); });
  return families;
}

}  // namespace muster::collector
