#include "collector/fleet/policy_preview.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace muster::collector {
namespace {

std::optional<size_t> index_of(const policy::Policy& policy, const std::string& control) {
  const policy::Control* const found = policy.find_control(control);
  if (found == nullptr) return std::nullopt;
  return static_cast<size_t>(found - policy.controls.data());
}

// As if it had been looked at that much later.
std::vector<SectionState> looked_at_later(std::span<const SectionState> sections, Duration by) {
  std::vector<SectionState> later(sections.begin(), sections.end());
  for (SectionState& section : later) {
    section.looked_at += by;
    // None was ever seen: that stays so.
    if (section.observed_at != TimePoint()) section.observed_at += by;
  }
  return later;
}

}  // namespace

PolicyPreviewer::PolicyPreviewer(const policy::Policy& policy, TimePoint now,
                                 std::optional<TimePoint> at)
    : policy_(policy), now_(now), at_(std::max(now, at.value_or(now))) {}

void PolicyPreviewer::match_controls(const std::shared_ptr<const policy::Policy>& judged_by) {
  if (matched_ == judged_by) return;
  matched_ = judged_by;
  before_.clear();
  dropped_.clear();
  for (const policy::Control& control : policy_.controls)
    before_.push_back(index_of(*judged_by, control.id));
  for (size_t i = 0; i < judged_by->controls.size(); ++i) {
    if (!index_of(policy_, judged_by->controls[i].id)) dropped_.push_back(i);
  }
}

void PolicyPreviewer::add(const PreviewedHost& host) {
  if (host.judged_by == nullptr) return;
  match_controls(host.judged_by);
  const policy::HostScope scope = policy::scope_of(policy_, policy::traits_of(host.view, host.os));
  policy::Evaluation evaluation =
      policy::evaluate_changed(host.view, host.first_seen, policy_, scope, now_, {}, {});
  if (at_ == now_) return compare(host, host.view, evaluation, host.first_seen);
  policy::HostView later = host.view;
  std::vector<SectionState> sections;
  if (host.reporting) {
    sections = looked_at_later(host.view.sections, at_ - now_);
    later.sections = sections;
    if (later.last_sync) *later.last_sync += at_ - now_;
  }
  const policy::FirstSeen first_seen = std::move(evaluation.first_seen);
  evaluation = policy::evaluate_changed(later, first_seen, policy_, scope, at_, {}, {});
  compare(host, later, evaluation, first_seen);
}

void PolicyPreviewer::compare(const PreviewedHost& host, const policy::HostView& view,
                              const policy::Evaluation& evaluation,
                              const policy::FirstSeen& first_seen) {
  // Words cost much more than the rest, and most hosts need none.
  std::optional<policy::Evaluation> in_words;
  for (size_t i = 0; i < before_.size(); ++i) {
    const v1::Status before =
        before_[i] ? host.standings[*before_[i]].status : v1::STATUS_NOT_APPLICABLE;
    const v1::Status after = evaluation.standings[i].status;
    if (before == after) continue;
    if (!in_words && preview_.changes.size() < PolicyPreview::kMostChanges) {
      in_words = policy::evaluate(view, first_seen, policy_, at_);
    }
    note({.host = std::string(view.name),
          .control = policy_.controls[i].id,
          .before = before,
          .after = after,
          .summary = in_words ? in_words->verdicts[i].summary() : std::string()});
  }
  for (const size_t i : dropped_) {
    if (host.standings[i].status == v1::STATUS_NOT_APPLICABLE) continue;
    note({.host = std::string(view.name),
          .control = matched_->controls[i].id,
          .before = host.standings[i].status,
          .after = v1::STATUS_NOT_APPLICABLE,
          .summary = "the policy has no such control"});
  }
}

void PolicyPreviewer::note(PolicyPreview::Change change) {
  if (preview_.changes.size() < PolicyPreview::kMostChanges) {
    preview_.changes.push_back(std::move(change));
  } else {
    ++preview_.more;
  }
}

PolicyPreview PolicyPreviewer::take() {
  std::stable_sort(preview_.changes.begin(), preview_.changes.end(),
                   [](const auto& a, const auto& b) { return a.host < b.host; });
  return std::exchange(preview_, {});
}

}  // namespace muster::collector
