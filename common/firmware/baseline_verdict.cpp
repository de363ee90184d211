#include "common/firmware/baseline_verdict.h"

#include <absl/status/status.h>
#include <fmt/format.h>

#include <compare>
#include <optional>
#include <vector>

#include "common/firmware/version_order.h"
#include "common/text.h"
#include "common/timestamp.h"

namespace muster::firmware {
namespace {

constexpr size_t kLongestShown = 128;

std::string shown(std::string_view text) {
  return printable(trim(text), kLongestShown);
}

// How one version stands to an entry, and the words that follow it: ", older than …".
struct Standing {
  BaselineState state;
  std::string words;
};

Standing not_comparable(const absl::Status& why) {
  return {BaselineState::kNotComparable,
          fmt::format(", which cannot be compared: {}", std::string(why.message()))};
}

// Of an entry that asks for no order: one of these, or none of those that are forbidden.
Standing not_ordered(const BaselineEntry& entry) {
  if (entry.approved.empty()) return {BaselineState::kApproved, ", which is not forbidden"};
  std::vector<std::string> versions;
  for (const std::string& version : entry.approved)
    versions.push_back(shown(version));
  return {BaselineState::kNotApproved,
          fmt::format(", which is not approved, only {}", join_some(versions, 5))};
}

Standing stand_of(const BaselineEntry& entry, std::string_view version) {
  if (const absl::Status status = check_version(version, entry.format); !status.ok())
    return not_comparable(status);
  for (const ForbiddenVersions& forbidden : entry.forbidden) {
    const absl::StatusOr<bool> is_it = is_forbidden(forbidden, version, entry.format);
    if (!is_it.ok()) return not_comparable(is_it.status());
    if (*is_it) {
      return {BaselineState::kForbidden,
              fmt::format(", which is forbidden: {}", printable(forbidden.why))};
    }
  }
  // Whether it is an approved one, may be open and still not matter: it has the minimum.
  absl::Status doubt;
  for (const std::string& approved : entry.approved) {
    const absl::StatusOr<bool> is_it = is_same_version(version, approved, entry.format);
    if (!is_it.ok()) doubt = is_it.status();
    if (is_it.ok() && *is_it) return {BaselineState::kApproved, ", which is approved"};
  }
  std::optional<std::strong_ordering> to_minimum;
  if (!entry.minimum.empty()) {
    const absl::StatusOr<std::strong_ordering> order =
        compare_versions(version, entry.minimum, entry.format);
    if (!order.ok()) return not_comparable(order.status());
    to_minimum = *order;
  }
  if (to_minimum && std::is_gteq(*to_minimum)) {
    return {BaselineState::kAtLeastMinimum,
            fmt::format(", at least the minimum {}", shown(entry.minimum))};
  }
  if (!doubt.ok()) return not_comparable(doubt);
  if (!to_minimum) return not_ordered(entry);
  return {BaselineState::kBelow, fmt::format(", older than the minimum {}", shown(entry.minimum))};
}

bool is_bad(BaselineState state) {
  return state == BaselineState::kBelow || state == BaselineState::kNotApproved ||
         state == BaselineState::kForbidden;
}

BaselineState state_of(BaselineState now, BaselineState next) {
  if (is_bad(now) && is_good(next)) return BaselineState::kStaged;
  if (is_good(now) && !is_good(next)) return BaselineState::kStagedAway;
  return now;
}

std::string no_entry_words(const v1::FirmwareComponent& component) {
  return fmt::format("no baseline is about {} '{}' of '{}'", kind_name(component.kind()),
                     shown(component.model()), shown(component.vendor()));
}

}  // namespace

std::string_view state_name(BaselineState state) {
  switch (state) {
    case BaselineState::kNoEntry:
      return "no_entry";
    case BaselineState::kApproved:
      return "approved";
    case BaselineState::kAtLeastMinimum:
      return "at_least_minimum";
    case BaselineState::kStaged:
      return "staged";
    case BaselineState::kStagedAway:
      return "staged_away";
    case BaselineState::kBelow:
      return "below";
    case BaselineState::kNotApproved:
      return "not_approved";
    case BaselineState::kForbidden:
      return "forbidden";
    case BaselineState::kNotYetRequired:
      return "not_yet_required";
    case BaselineState::kUnknown:
      return "unknown";
    case BaselineState::kNotComparable:
      return "not_comparable";
  }
  return "unknown";
}

bool is_good(BaselineState state) {
  return state == BaselineState::kApproved || state == BaselineState::kAtLeastMinimum;
}

BaselineVerdict judge(const Baseline& baseline, const v1::FirmwareComponent& component,
                      std::chrono::sys_days today) {
  const BaselineEntry* const entry = find_entry(baseline, component);
  if (entry == nullptr) return {.words = no_entry_words(component)};
  BaselineVerdict verdict{.entry = entry->id};
  const std::string version = shown(component.version());
  const std::string next = shown(component.next_version());
  const Standing now = version.empty() ? Standing{BaselineState::kUnknown, ""}
                                       : stand_of(*entry, component.version());
  verdict.state = now.state;
  verdict.words = version.empty() ? "it is not known which version runs" : "runs " + version;
  verdict.words += now.words;
  if (!next.empty() && next != version) {
    const Standing then = stand_of(*entry, component.next_version());
    verdict.state = state_of(now.state, then.state);
    verdict.staged = fmt::format("boots {} next", next);
    verdict.words += fmt::format("; {}{}", verdict.staged, then.words);
  }
  const bool waits = is_bad(verdict.state) || verdict.state == BaselineState::kStaged ||
                     verdict.state == BaselineState::kStagedAway;
  if (waits && entry->required_from && today < *entry->required_from) {
    verdict.state = BaselineState::kNotYetRequired;
    verdict.words += fmt::format(" (baseline {}, required from {} on)", entry->id,
                                 to_iso_date(TimePoint(*entry->required_from)));
  } else {
    verdict.words += fmt::format(" (baseline {})", entry->id);
  }
  return verdict;
}

}  // namespace muster::firmware
