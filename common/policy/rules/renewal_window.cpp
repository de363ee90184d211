#include "common/policy/rules/renewal_window.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "common/policy/rules/times.h"
#include "common/timestamp.h"

namespace muster::policy {

Duration renewal_window(const Lifetime& lifetime, const RuleInput& input) {
  // In whole seconds, as the dates are: a lifetime of 8,000 years is beyond what microseconds in a
  // double count exactly.
  const auto begin = std::chrono::floor<std::chrono::seconds>(lifetime.begins);
  const auto end = std::chrono::floor<std::chrono::seconds>(lifetime.ends);
  const double length = std::max(0.0, static_cast<double>(end.time_since_epoch().count()) -
                                          static_cast<double>(begin.time_since_epoch().count()));
  const double longest = std::chrono::duration<double>(input.duration("renew_before")).count();
  const double window = std::floor(std::min(longest, length * input.fraction("last_fraction")));
  return std::chrono::seconds(static_cast<int64_t>(window));
}

Judgement judge_renewal(const Lifetime& lifetime, const RuleInput& input) {
  const Duration window = renewal_window(lifetime, input);
  const TimePoint opens = saturating_add(lifetime.ends, -window);
  const std::string date = to_iso_date(lifetime.ends);
  if (input.now >= lifetime.ends) {
    return {.kind = Judgement::Kind::kNotApplicable,
            .reason = fmt::format("{} expired on {}", lifetime.name, date)};
  }
  if (input.now >= opens) {
    return {.kind = Judgement::Kind::kUnmet,
            .reason = fmt::format("{} ends on {} and is not renewed", lifetime.name, date),
            .holds_until = lifetime.ends,
            .deadline = saturating_add(lifetime.ends, -window / 2)};
  }
  return {.kind = Judgement::Kind::kMet,
          .reason = fmt::format("{} ends on {}, to be renewed from {}", lifetime.name, date,
                                to_iso_date(opens)),
          .holds_until = opens};
}

}  // namespace muster::policy
