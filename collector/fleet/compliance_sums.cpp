#include "collector/fleet/compliance_sums.h"

#include <algorithm>
#include <map>
#include <utility>

namespace muster::collector {
namespace {

// The controls of all policies, and where those of each are among them.
class Controls {
 public:
  explicit Controls(std::span<const GroupCounts> groups) {
    for (const GroupCounts& group : groups) {
      std::vector<size_t>& places = places_[group.policy.get()];
      if (!places.empty()) continue;
      for (const policy::Control& control : group.policy->controls)
        places.push_back(place_of(control.id));
    }
  }

  const std::vector<std::string>& ids() const { return ids_; }
  const std::vector<size_t>& places(const policy::Policy* policy) const {
    return places_.find(policy)->second;
  }

 private:
  size_t place_of(const std::string& id) {
    const auto [place, is_new] = by_id_.try_emplace(id, ids_.size());
    if (is_new) ids_.push_back(id);
    return place->second;
  }

  std::vector<std::string> ids_;
  std::map<std::string, size_t> by_id_;
  std::map<const policy::Policy*, std::vector<size_t>> places_;
};

struct Sum {
  size_t hosts = 0;
  // By the places of Controls.
  std::vector<ComplianceCount> controls;
};
using ByValue = std::map<std::string, Sum, std::less<>>;

void add(ComplianceCount& sum, const ComplianceCount& count) {
  sum.compliant += count.compliant;
  sum.judged += count.judged;
}

void add(Sum& sum, const Sum& other) {
  sum.hosts += other.hosts;
  sum.controls.resize(std::max(sum.controls.size(), other.controls.size()));
  for (size_t i = 0; i < other.controls.size(); ++i)
    add(sum.controls[i], other.controls[i]);
}

// Leaves the values of the most hosts, and of equally many the first by their text: the same ones
// at each scrape.
void join_rest(ByValue& values) {
  if (values.size() <= kMostLabelValues) return;
  std::vector<ByValue::iterator> order;
  for (auto value = values.begin(); value != values.end(); ++value)
    order.push_back(value);
  std::stable_sort(order.begin(), order.end(), [](const auto& one, const auto& other) {
    return one->second.hosts > other->second.hosts;
  });
  Sum rest;
  for (size_t i = kMostLabelValues; i < order.size(); ++i) {
    add(rest, order[i]->second);
    values.erase(order[i]);
  }
  // A host may say that this is its label's value.
  add(values[kOtherValues], rest);
}

}  // namespace

std::vector<ComplianceSum> sum_compliance(std::span<const GroupCounts> groups) {
  const Controls controls(groups);
  std::map<std::string, ByValue> labels;
  for (const GroupCounts& group : groups) {
    Sum& sum = labels[group.by][group.value];
    sum.hosts += group.hosts;
    sum.controls.resize(controls.ids().size());
    const std::vector<size_t>& places = controls.places(group.policy.get());
    for (size_t i = 0; i < group.controls.size(); ++i)
      add(sum.controls[places[i]], group.controls[i]);
  }
  std::vector<ComplianceSum> sums;
  for (auto& [by, values] : labels) {
    join_rest(values);
    for (const auto& [value, sum] : values) {
      ComplianceCount all;
      for (const ComplianceCount& count : sum.controls)
        add(all, count);
      if (all.judged == 0) continue;
      sums.push_back({.control = "", .by = by, .value = value, .count = all});
      for (size_t i = 0; i < sum.controls.size(); ++i) {
        if (sum.controls[i].judged == 0) continue;
        sums.push_back(
            {.control = controls.ids()[i], .by = by, .value = value, .count = sum.controls[i]});
      }
    }
  }
  return sums;
}

}  // namespace muster::collector
