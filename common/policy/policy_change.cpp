#include "common/policy/policy_change.h"

#include <algorithm>
#include <map>
#include <utility>

#include "common/policy/rules.h"

namespace muster::policy {
namespace {

constexpr Standing kSaysNothing{.valid_until = TimePoint::min()};

// Without what a standing does not depend on: words, and whom it is required of, which is in the
// scope of a host.
Control judged_part(Control control) {
  control.title.clear();
  control.frameworks.clear();
  control.applies_to = {};
  return control;
}

Waiver judged_part(Waiver waiver) {
  waiver.match = {};
  waiver.reason.clear();
  waiver.approved_by.clear();
  waiver.ticket.clear();
  return waiver;
}

// Of each part of the one, the index of that in the other which has its id and is judged alike.
template <typename Part>
std::vector<std::optional<uint32_t>> find_alike(const std::vector<Part>& parts,
                                                const std::vector<Part>& others) {
  std::map<std::string_view, uint32_t> by_id;
  for (uint32_t i = 0; i < others.size(); ++i)
    by_id.emplace(others[i].id, i);
  std::vector<std::optional<uint32_t>> alike;
  alike.reserve(parts.size());
  for (const Part& part : parts) {
    const auto other = by_id.find(part.id);
    const bool found =
        other != by_id.end() && judged_part(part) == judged_part(others[other->second]);
    alike.push_back(found ? std::optional(other->second) : std::nullopt);
  }
  return alike;
}

bool ask_the_same(const firmware::Baseline& before, const firmware::Baseline& after) {
  // Verdicts name the entry.
  return std::equal(before.entries.begin(), before.entries.end(), after.entries.begin(),
                    after.entries.end(), [](const auto& one, const auto& other) {
                      return one.id == other.id && firmware::asks_the_same(one, other);
                    });
}

}  // namespace

PolicyChange::PolicyChange(std::shared_ptr<const Policy> before,
                           std::shared_ptr<const Policy> after)
    : before_(std::move(before)),
      after_(std::move(after)),
      controls_(find_alike(after_->controls, before_->controls)),
      waivers_(find_alike(before_->waivers, after_->waivers)),
      other_baselines_(!ask_the_same(before_->baselines, after_->baselines)) {}

bool PolicyChange::find_touched(const HostScope& before, const HostScope& after,
                                std::vector<std::string_view>& controls) const {
  std::vector<uint32_t> kept;
  for (const uint32_t waiver : before.waivers) {
    const std::optional<uint32_t> alike = waivers_[waiver];
    if (alike && std::binary_search(after.waivers.begin(), after.waivers.end(), *alike)) {
      kept.push_back(*alike);
    } else {
      controls.emplace_back(before_->waivers[waiver].control);
    }
  }
  std::sort(kept.begin(), kept.end());
  for (const uint32_t waiver : after.waivers) {
    if (!std::binary_search(kept.begin(), kept.end(), waiver)) {
      controls.emplace_back(after_->waivers[waiver].control);
    }
  }
  return !controls.empty();
}

std::vector<Standing> PolicyChange::carry(const HostScope& before, const HostScope& after,
                                          std::span<const Standing> standings) const {
  std::vector<std::string_view> touched;
  const bool any_touched = find_touched(before, after, touched);
  std::vector<Standing> carried(after_->controls.size(), kSaysNothing);
  if (standings.size() != before_->controls.size()) return carried;
  for (size_t i = 0; i < carried.size(); ++i) {
    const std::optional<uint32_t> alike = controls_[i];
    if (!alike || before.controls[*alike] != after.controls[i]) continue;
    const Control& control = after_->controls[i];
    if (any_touched || other_baselines_) {
      const Rule* const rule = find_rule(control.rule);
      if (rule == nullptr || (any_touched && rule->looks_at_waivers) ||
          (other_baselines_ && rule->looks_at_baselines)) {
        continue;
      }
      if (std::find(touched.begin(), touched.end(), control.id) != touched.end()) continue;
    }
    carried[i] = standings[*alike];
  }
  return carried;
}

}  // namespace muster::policy
