#include "agent/targets/target_schedule.h"

#include <algorithm>
#include <utility>

#include "common/stable_hash.h"
#include "common/targets/look_grid.h"

namespace muster::agent {
namespace {

// What slow answers may leave unknown of the collector's clock: no sign that it was set.
constexpr Duration kUnsure = std::chrono::minutes(1);

// Within how long all first looks are spread.
constexpr Duration kSoon = std::chrono::minutes(10);

// A look that has less than this before the lease's end waits for a later end: the probe would have
// to give it up, and nobody would make it again.
Duration reserve_of(const HeldTarget& target) {
  return std::min<Duration>(std::chrono::seconds(1), target.interval / 4);
}

// "192.0.2.7" of "192.0.2.7:443": what rates are of.
std::string_view host_of(std::string_view address) {
  return address.substr(0, address.rfind(':'));
}

}  // namespace

struct TargetSchedule::Candidate {
  const HeldTarget* target = nullptr;
  int64_t number = 0;
  Duration begin{0};
};

Duration TargetSchedule::end_of(const HeldTarget& target) const {
  return std::min(target.valid_until, end_);
}

int64_t TargetSchedule::next_number(const HeldTarget& target, const Progress* progress,
                                    const GridClock& clock, Duration now) const {
  const LookGrid grid(target.entity, target.interval);
  const auto first_from = [&](Duration uptime) { return grid.first_from(clock.at(uptime)); };
  // With another interval, points have other numbers.
  const bool goes_on = progress != nullptr && progress->interval == target.interval;
  if (progress == nullptr) return first_from(std::max(now, target.not_before));
  const Duration apart = progress->begin + target.interval / 2;
  if (!goes_on || progress->ended) return first_from(std::max({now, target.not_before, apart}));
  const Duration from = std::max({now - target.interval / 2, target.not_before, apart});
  const int64_t number = std::max(progress->number + 1, first_from(from));
  const bool set_back =
      clock.uptime_at(grid.begin(number)) > std::max(from, now) + 2 * target.interval + kUnsure;
  return set_back ? first_from(std::max(from, now)) : number;
}

Duration TargetSchedule::soon(const HeldTarget& target, Duration now) {
  const Duration spread = std::min(kSoon, target.interval);
  const auto phase =
      static_cast<int64_t>(stable_hash(target.entity) % static_cast<uint64_t>(spread.count()));
  const Duration begin = std::max(now, target.not_before) + Duration(phase);
  return soon_.try_emplace(target.entity, begin).first->second;
}

void TargetSchedule::add_candidates(const HeldTarget& target, const GridClock& clock, Duration now,
                                    Duration until, std::vector<Candidate>& candidates) {
  const auto found = progress_.find(target.entity);
  Progress* const progress = found == progress_.end() ? nullptr : &found->second;
  const Duration end = end_of(target);
  if (now >= end) {
    if (progress != nullptr) progress->ended = true;
    return;
  }
  if (target.not_before >= until) return;
  const LookGrid grid(target.entity, target.interval);
  const Duration last = std::min(until, end == kNever ? end : end - reserve_of(target));
  if (target.look_soon && progress == nullptr) {
    const Duration begin = soon(target, now);
    // As if it were that of the point before, so that the next is the next point's.
    const int64_t before = grid.first_from(clock.at(begin)) - 1;
    if (begin < last) candidates.push_back({.target = &target, .number = before, .begin = begin});
    return;
  }
  int64_t number = next_number(target, progress, clock, now);
  for (Duration begin = clock.uptime_at(grid.begin(number)); begin < last; begin += target.interval)
    candidates.push_back({.target = &target, .number = number++, .begin = begin});
}

void TargetSchedule::note(const Candidate& candidate, Duration now) {
  const HeldTarget& target = *candidate.target;
  const auto [found, is_new] = progress_.try_emplace(target.entity);
  Progress& progress = found->second;
  const Duration begin = std::max(candidate.begin, now);
  if (!is_new && !progress.ended && progress.interval == target.interval) {
    // By this machine's time: a clock that jumps makes points that nobody could look at.
    const int64_t points =
        std::min<int64_t>(candidate.number - progress.number,
                          (begin - progress.begin + target.interval / 2) / target.interval);
    if (points > 1) counts_.missed += static_cast<uint64_t>(points - 1);
  }
  progress = {.number = candidate.number, .begin = begin, .interval = target.interval};
  ++counts_.looks;
  if (candidate.begin < now) ++counts_.late;
}

void TargetSchedule::forget_plans(Duration now) {
  for (auto& [entity, progress] : progress_) {
    while (progress.begin > now) {
      --progress.number;
      progress.begin -= progress.interval;
    }
  }
}

void TargetSchedule::forget_look(std::string_view entity, Duration begin) {
  const auto found = progress_.find(entity);
  if (found == progress_.end()) return;
  Progress& progress = found->second;
  while (progress.begin >= begin) {
    --progress.number;
    progress.begin -= progress.interval;
  }
}

std::vector<PlannedLook> TargetSchedule::plan(std::string_view probe, const GridClock& clock,
                                              Duration now, Duration until, size_t most,
                                              LookAllowance& allowance) {
  std::vector<PlannedLook> planned;
  if (!clock.is_set()) return planned;
  std::erase_if(progress_, [&](const auto& one) {
    return one.second.begin < now && !targets_.contains(one.first);
  });
  std::erase_if(soon_, [this](const auto& one) {
    return progress_.contains(one.first) || !targets_.contains(one.first);
  });
  std::vector<Candidate> candidates;
  for (const auto& [entity, target] : targets_) {
    if (target.probe == probe) add_candidates(target, clock, now, until, candidates);
  }
  std::stable_sort(candidates.begin(), candidates.end(),
                   [](const Candidate& a, const Candidate& b) { return a.begin < b.begin; });
  for (const Candidate& candidate : candidates) {
    if (planned.size() >= most || !allowance.any(now)) break;
    const HeldTarget& target = *candidate.target;
    if (!allowance.take(host_of(target.address), now)) continue;
    note(candidate, now);
    planned.push_back({.entity = target.entity,
                       .address = target.address,
                       .timeout = target.timeout,
                       .number = candidate.number,
                       .begin = candidate.begin,
                       .end = end_of(target)});
  }
  return planned;
}

}  // namespace muster::agent
