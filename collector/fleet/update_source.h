// What a package manager's section says of a host's updates, and how far that is known: an empty
// list of one that has not looked today is no answer. Pure; any thread.
#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/clock.h"
#include "common/policy/first_seen.h"
#include "common/policy/package_facts_view.h"
#include "common/policy/policy.h"
#include "common/section_state.h"

namespace muster::collector {

// For how long a look tells what waits, and the lists that it looked at.
inline constexpr Duration kLookHolds = std::chrono::hours(24);
inline constexpr Duration kListsHold = std::chrono::hours(48);

struct UpdateSource {
  // "apt".
  std::string_view manager;
  // Of the section's bytes, which outlive it; empty where there are none.
  policy::PackageFactsView facts;
  // They are of a look that still holds.
  bool is_current = false;
  // Why an empty list of updates would not mean that nothing waits; empty: it does.
  std::string not_known_because;
};

// Whether it is of a package manager of the host itself.
bool is_of_packages(const SectionState& section);

// Nothing: the section is not of a package manager, or of one that this host has not.
std::optional<UpdateSource> read_update_source(const SectionState& section, TimePoint now);

// In lists of updates those for security come first, then those of which it is not told.
int security_rank(v1::Security security);

// What the policy calls an update: the subject of its controls.
std::string update_subject(std::string_view source_package, std::string_view package);

// Whether a control of that rule asks for security updates.
bool asks_for_security_updates(std::string_view rule);

// Since when security updates wait on a host, by the earliest memory of any control that asks.
class WaitingSince {
 public:
  // `memory` outlives it.
  WaitingSince(const policy::FirstSeen& memory, std::span<const policy::Control> controls);

  // Nothing: no control remembers.
  std::optional<TimePoint> find(std::string_view subject) const;
  bool empty() const { return entries_.empty(); }

 private:
  // By subject, each once.
  std::vector<std::pair<std::string_view, TimePoint>> entries_;
};

}  // namespace muster::collector
