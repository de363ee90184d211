#include "collector/fleet/update_source.h"

#include <fmt/format.h>

#include <algorithm>

#include "common/duration.h"
#include "common/policy/rules/package_sections.h"
#include "common/text.h"

namespace muster::collector {
namespace {

constexpr std::string_view kRule = "security_updates";
constexpr size_t kReasonShown = 300;

// Of facts that could be read.
std::string blind_spot(const policy::PackageFactsView& facts, TimePoint now) {
  if (!facts.lists_present) return "no package lists are present";
  if (!facts.lists_updated_at) return "the package lists were never refreshed";
  if (now - *facts.lists_updated_at >= kListsHold) {
    return fmt::format("the package lists are {} old",
                       describe_duration(now - *facts.lists_updated_at));
  }
  if (facts.problems.empty()) return {};
  return fmt::format("not everything could be read: {}",
                     printable(facts.problems.front(), kReasonShown));
}

}  // namespace

bool is_of_packages(const SectionState& section) {
  return section.entity.empty() && section.probe.starts_with(policy::kPackageProbes);
}

std::optional<UpdateSource> read_update_source(const SectionState& section, TimePoint now) {
  if (!is_of_packages(section)) return std::nullopt;
  if (section.outcome == v1::OUTCOME_NOT_APPLICABLE) return std::nullopt;
  UpdateSource source;
  source.manager = std::string_view(section.probe).substr(policy::kPackageProbes.size());
  const std::string failure =
      section.outcome == v1::OUTCOME_FAILED
          ? fmt::format("the last look failed: {}", printable(section.reason, kReasonShown))
          : std::string();
  if (!section.has_facts()) {
    source.not_known_because = failure.empty() ? "the probe gave no facts" : failure;
  } else if (section.facts_type != v1::PackageFacts::descriptor()->full_name()) {
    source.not_known_because = "the facts are of a type newer than this collector";
  } else if (!read_facts(section.facts, source.facts)) {
    source.facts = {};
    source.not_known_because = "the facts are damaged";
  } else if (now - section.observed_at >= kLookHolds) {
    source.not_known_because =
        fmt::format("nobody has looked for {}", describe_duration(now - section.observed_at));
    if (!failure.empty()) source.not_known_because += "; " + failure;
  } else {
    source.is_current = true;
    source.not_known_because = failure.empty() ? blind_spot(source.facts, now) : failure;
  }
  return source;
}

int security_rank(v1::Security security) {
  if (security == v1::SECURITY_YES) return 0;
  return security == v1::SECURITY_NO ? 2 : 1;
}

std::string update_subject(std::string_view source_package, std::string_view package) {
  constexpr size_t kLongestSubject = 256;
  return printable(source_package.empty() ? package : source_package, kLongestSubject);
}

bool asks_for_security_updates(std::string_view rule) {
  return rule == kRule;
}

WaitingSince::WaitingSince(const policy::FirstSeen& memory,
                           std::span<const policy::Control> controls) {
  for (const auto& [key, since] : memory) {
    const auto is_its = [&key = key](const policy::Control& control) {
      return asks_for_security_updates(control.rule) && control.id == key.control;
    };
    if (!key.entity.empty() || key.subject.empty()) continue;
    if (std::any_of(controls.begin(), controls.end(), is_its)) {
      entries_.emplace_back(key.subject, since);
    }
  }
  // Of several controls' the earliest comes first, and stays.
  std::sort(entries_.begin(), entries_.end());
  entries_.erase(std::unique(entries_.begin(), entries_.end(),
                             [](const auto& a, const auto& b) { return a.first == b.first; }),
                 entries_.end());
}

std::optional<TimePoint> WaitingSince::find(std::string_view subject) const {
  const auto entry = std::lower_bound(
      entries_.begin(), entries_.end(), subject,
      [](const auto& known, std::string_view wanted) { return known.first < wanted; });
  if (entry == entries_.end() || entry->first != subject) return std::nullopt;
  return entry->second;
}

}  // namespace muster::collector
