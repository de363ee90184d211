// When hosts are judged, and what of it is kept.
#include <algorithm>
#include <utility>

#include "collector/fleet/fleet.h"
#include "collector/fleet/fleet_host.h"
#include "common/exposition/host_metrics.h"
#include "common/policy/rules.h"

namespace muster::collector {
namespace {

constexpr const char* kReportingRule = "host_reporting";
// Each second, beside the reports.
constexpr size_t kMemoriesAtOnce = 500;

// What a control of the rule host_reporting says.
Duration silence_of(const policy::Control& control) {
  return std::get<Duration>(*policy::find_parameter(control, "silent_after"));
}

// The shortest that is required of the host.
Duration silence_of(const policy::Policy& policy, const policy::HostScope& scope) {
  std::optional<Duration> shortest;
  for (size_t i = 0; i < policy.controls.size(); ++i) {
    const policy::Control& control = policy.controls[i];
    if (control.rule != kReportingRule || scope.controls[i] != policy::Match::kYes) continue;
    const Duration time = silence_of(control);
    shortest = std::min(shortest.value_or(time), time);
  }
  // Without such a control the series still need an end.
  policy::Control usual;
  usual.rule = kReportingRule;
  return shortest.value_or(silence_of(usual));
}

}  // namespace

TimePoint Fleet::rejudge_due() {
  const TimePoint now = clock_.now();
  save_memories(kMemoriesAtOnce);
  std::vector<std::string> ids;
  {
    const std::lock_guard guard(due_mutex_);
    while (!due_.empty() && due_.begin()->first <= now) {
      ids.push_back(due_.begin()->second);
      due_.erase(due_.begin());
    }
  }
  for (const std::string& id : ids) {
    with_host(id, [this, now](Host& host) { judge(host, now, {}); });
  }
  const std::lock_guard guard(due_mutex_);
  return due_.empty() ? TimePoint::max() : due_.begin()->first;
}

void Fleet::judge(Host& host, TimePoint now, std::span<const std::string_view> changed) {
  const bool is_other = take_over(host, *policy_in_force());
  const auto evaluate = is_other ? policy::evaluate_carried : policy::evaluate_changed;
  policy::Evaluation evaluation = evaluate(host.view(), std::move(host.first_seen), *host.judged_by,
                                           host.scope, now, host.standings, changed);
  // A host with something unknown is judged at each report, mostly to the same end.
  if (!exposition::are_written_alike(host.standings, evaluation.standings)) {
    host.rendered.settled.reset();
  }
  host.standings = std::move(evaluation.standings);
  count_compliance(host);
  host.awaits_heartbeat = std::any_of(host.standings.begin(), host.standings.end(),
                                      [](const policy::Standing& s) { return s.awaits_heartbeat; });
  look_at_silence(host, now);
  host.first_seen = std::move(evaluation.first_seen);
  // Another policy changes the memory of a whole fleet at once, which must not keep reports from
  // the store.
  if (evaluation.first_seen_changed) is_other ? save_later(host) : save_first_seen(host);
  TimePoint due = std::min(evaluation.valid_until, look_at_windows(host, now));
  if (host.reporting) due = std::min(due, host.silent_at());
  set_due(host, due);
}

bool Fleet::take_over(Host& host, const PolicyInForce& in_force) {
  const bool is_same = host.judged_by == in_force.policy;
  if (is_same && !host.traits_changed) return false;
  if (std::exchange(host.traits_changed, false)) ++scope_changes_;
  policy::HostScope scope =
      policy::scope_of(*in_force.policy, policy::traits_of(host.view(), host.os));
  if (is_same && scope == host.scope) return false;
  host.rendered.settled.reset();
  forget_compliance(host);
  const policy::PolicyChange* const change = in_force.change_from(host.judged_by);
  host.standings = change == nullptr ? std::vector<policy::Standing>()
                                     : change->carry(host.scope, scope, host.standings);
  host.scope = std::move(scope);
  host.judged_by = in_force.policy;
  host.silent_after =
      host.target ? silence_of(*host.target) : silence_of(*in_force.policy, host.scope);
  return true;
}

void Fleet::look_at_silence(Host& host, TimePoint now) {
  const bool was_reporting = host.reporting;
  host.reporting = host.record.last_sync_at.has_value() && now < host.silent_at();
  if (host.reporting == was_reporting) return;
  if (host.reporting)
    ++reporting_count_;
  else
    --reporting_count_;
  host.rendered.moving.reset();
  host.rendered.settled.reset();
}

void Fleet::set_due(Host& host, TimePoint due) {
  const std::lock_guard guard(due_mutex_);
  due_.erase({host.due, host.record.id});
  host.due = due;
  if (due != TimePoint::max()) due_.emplace(due, host.record.id);
}

void Fleet::save_first_seen(const Host& host) {
  // Under the shard's lock, so that a host's memories reach the store in their order.
  options_.save_memory(host.record.id, host.first_seen,
                       [unsaved = unsaved_, id = host.record.id](const absl::Status& status) {
                         if (status.ok() || absl::IsNotFound(status)) return;
                         const std::lock_guard guard(unsaved->mutex);
                         unsaved->hosts.insert(id);
                       });
}

void Fleet::save_later(const Host& host) {
  const std::lock_guard guard(unsaved_->mutex);
  unsaved_->hosts.insert(host.record.id);
}

void Fleet::save_memories(size_t most) {
  std::vector<std::string> ids;
  {
    const std::lock_guard guard(unsaved_->mutex);
    std::set<std::string>& hosts = unsaved_->hosts;
    while (!hosts.empty() && ids.size() < most)
      ids.push_back(std::move(hosts.extract(hosts.begin()).value()));
  }
  for (const std::string& id : ids) {
    with_host(id, [this](const Host& host) { save_first_seen(host); });
  }
}

}  // namespace muster::collector
