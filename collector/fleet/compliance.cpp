#include "collector/fleet/compliance.h"

#include <algorithm>

namespace muster::collector {
namespace {

enum Class : uint8_t { kNotJudged, kCompliant, kNotCompliant };

Class class_of(v1::Status status) {
  switch (status) {
    case v1::STATUS_PASS:
    case v1::STATUS_DUE:
    case v1::STATUS_WAIVED:
      return kCompliant;
    case v1::STATUS_NOT_APPLICABLE:
      return kNotJudged;
    default:
      return kNotCompliant;
  }
}

// Takes a control of one host out of a count, or puts it in.
void add(ComplianceCount& count, uint8_t counted, uint32_t number) {
  // A negative one wraps around, as it must.
  if (counted == kCompliant) count.compliant += number;
  if (counted != kNotJudged) count.judged += number;
}

constexpr uint32_t kOneLess = static_cast<uint32_t>(-1);

}  // namespace

void ComplianceTable::begin(Counted& host, std::shared_ptr<const policy::Policy> policy,
                            exposition::LabelSpan labels) {
  auto by_policy = std::find_if(policies_.begin(), policies_.end(),
                                [&policy](const auto& one) { return one->policy == policy; });
  if (by_policy == policies_.end()) {
    policies_.push_back(std::make_unique<ByPolicy>());
    by_policy = std::prev(policies_.end());
    (*by_policy)->policy = std::move(policy);
  }
  host.by_policy_ = by_policy->get();
  ++host.by_policy_->hosts;
  const size_t controls = host.by_policy_->policy->controls.size();
  host.classes_.assign(controls, kNotJudged);
  const auto join = [&host, controls](std::string by, std::string value) {
    const auto [group, is_new] =
        host.by_policy_->groups.try_emplace({std::move(by), std::move(value)});
    if (is_new) group->second.controls.resize(controls);
    ++group->second.hosts;
    host.groups_.push_back(group);
  };
  join({}, {});
  for (const auto& [name, value] : labels)
    join(std::string(name), exposition::shown_value(value));
}

void ComplianceTable::count(Counted& host, std::span<const policy::Standing> standings) {
  const size_t size = std::min(host.classes_.size(), standings.size());
  for (size_t control = 0; control < size; ++control) {
    const Class now = class_of(standings[control].status);
    const uint8_t before = host.classes_[control];
    if (now == before) continue;
    for (const auto& group : host.groups_) {
      ComplianceCount& count = group->second.controls[control];
      add(count, before, kOneLess);
      add(count, now, 1);
    }
    host.classes_[control] = now;
  }
}

void ComplianceTable::forget(Counted& host) {
  if (!host.is_counted()) return;
  for (const auto& group : host.groups_) {
    for (size_t control = 0; control < host.classes_.size(); ++control)
      add(group->second.controls[control], host.classes_[control], kOneLess);
    if (--group->second.hosts == 0) host.by_policy_->groups.erase(group);
  }
  if (--host.by_policy_->hosts == 0) {
    std::erase_if(policies_, [&host](const auto& one) { return one.get() == host.by_policy_; });
  }
  host = Counted();
}

void ComplianceTable::add_to(std::vector<GroupCounts>& groups) const {
  for (const std::unique_ptr<ByPolicy>& by_policy : policies_) {
    for (const auto& [name, group] : by_policy->groups) {
      groups.push_back({.by = name.first,
                        .value = name.second,
                        .hosts = group.hosts,
                        .policy = by_policy->policy,
                        .controls = group.controls});
    }
  }
}

}  // namespace muster::collector
