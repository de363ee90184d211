#include "collector/fleet/policy_preview.h"

#include <algorithm>
#include <iterator>
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

// Of a control that is for another kind now there is no verdict.
std::string summary_of(const policy::Evaluation& evaluation, std::string_view control) {
  const v1::Verdict* const verdict = evaluation.find_verdict(control);
  return verdict == nullptr ? "the policy requires it of another kind" : verdict->summary();
}

}  // namespace

PolicyPreviewer::PolicyPreviewer(const policy::Policy& policy, TimePoint now,
                                 std::optional<TimePoint> at, const policy::Policy* instead_of)
    : policy_(policy), instead_of_(instead_of), now_(now), at_(std::max(now, at.value_or(now))) {}

void PolicyPreviewer::match_controls(const policy::Policy& before) {
  if (matched_ == &before) return;
  matched_ = &before;
  before_.clear();
  dropped_.clear();
  for (const policy::Control& control : policy_.controls)
    before_.push_back(index_of(before, control.id));
  for (size_t i = 0; i < before.controls.size(); ++i) {
    if (!index_of(policy_, before.controls[i].id)) dropped_.push_back(i);
  }
}

void PolicyPreviewer::add(const PreviewedHost& host) {
  if (host.judged_by == nullptr) return;
  policy::HostView later = host.view;
  std::vector<SectionState> sections;
  if (at_ != now_ && host.reporting) {
    sections = looked_at_later(host.view.sections, at_ - now_);
    later.sections = sections;
    if (later.last_sync) *later.last_sync += at_ - now_;
  }
  match_controls(instead_of_ == nullptr ? *host.judged_by : *instead_of_);
  judged_by_ = host.judged_by;
  const Judged after = judge(host, later, policy_);
  if (instead_of_ == nullptr) {
    compare(later, host.standings, after);
  } else {
    compare(later, judge(host, later, *instead_of_).standings, after);
  }
}

PolicyPreviewer::Judged PolicyPreviewer::judge(const PreviewedHost& host,
                                               const policy::HostView& later,
                                               const policy::Policy& policy) const {
  const policy::HostScope scope = policy::scope_of(policy, policy::traits_of(host.view, host.os));
  policy::Evaluation evaluation =
      policy::evaluate_changed(host.view, host.first_seen, policy, scope, now_, {}, {});
  if (at_ == now_) return {std::move(evaluation.standings), host.first_seen};
  Judged judged{{}, std::move(evaluation.first_seen)};
  judged.standings =
      policy::evaluate_changed(later, judged.first_seen, policy, scope, at_, {}, {}).standings;
  return judged;
}

void PolicyPreviewer::compare(const policy::HostView& view,
                              std::span<const policy::Standing> before, const Judged& after) {
  // Words cost much more than the rest, and most hosts need none.
  std::optional<policy::Evaluation> in_words;
  for (size_t i = 0; i < before_.size(); ++i) {
    const std::string& control = policy_.controls[i].id;
    const v1::Status was = before_[i] ? before[*before_[i]].status : v1::STATUS_NOT_APPLICABLE;
    const v1::Status is = after.standings[i].status;
    if (was == is || !count(control, was, is)) continue;
    if (!in_words) in_words = policy::evaluate(view, after.first_seen, policy_, at_);
    preview_.changes.push_back({.host = std::string(view.name),
                                .control = control,
                                .before = was,
                                .after = is,
                                .summary = summary_of(*in_words, control)});
  }
  for (const size_t i : dropped_) {
    const std::string& control = matched_->controls[i].id;
    const v1::Status was = before[i].status;
    if (was == v1::STATUS_NOT_APPLICABLE || !count(control, was, v1::STATUS_NOT_APPLICABLE)) {
      continue;
    }
    preview_.changes.push_back({.host = std::string(view.name),
                                .control = control,
                                .before = was,
                                .after = v1::STATUS_NOT_APPLICABLE,
                                .summary = "the policy has no such control"});
  }
}

bool PolicyPreviewer::count(const std::string& control, v1::Status before, v1::Status after) {
  const size_t of_its_kind = preview_.counts[{control, before, after}]++;
  return of_its_kind < PolicyPreview::kLeastOfAKind ||
         preview_.changes.size() < PolicyPreview::kMostChanges;
}

PolicyPreview join_previews(PolicyPreview one, PolicyPreview other) {
  // So long that some of every kind stay of both.
  std::move(other.changes.begin(), other.changes.end(), std::back_inserter(one.changes));
  for (const auto& [kind, count] : other.counts)
    one.counts[kind] += count;
  return one;
}

PolicyPreview PolicyPreviewer::take() {
  std::stable_sort(preview_.changes.begin(), preview_.changes.end(),
                   [](const auto& a, const auto& b) { return a.host < b.host; });
  return std::exchange(preview_, {});
}

}  // namespace muster::collector
