// The address of a target of the kinds "domain", "zone" and "lookalikes": the name of a domain, and
// after one space each what else is to be known of it:
//
//   example.org
//   bücher.example expires=2027-03-31                 kind domain: where the registry has no date
//   example.org dkim=mail,2026a                       kind zone: selectors to ask for
//   example.org owned=example.net,example.com suffixes=shop words=login        kind lookalikes
//
// Names may be written in any alphabet, and are given as DNS has them. Pure; any thread.
#pragma once

#include <absl/status/statusor.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/clock.h"

namespace muster {

// Longer ones are none.
inline constexpr size_t kDomainTargetLimit = 4096;
// Of one word.
inline constexpr size_t kMostDomainTargetValues = 100;

struct DomainTarget {
  // "example.org", "xn--bcher-kva.example".
  std::string name;
  // The end of the day that is given.
  std::optional<TimePoint> expires_by_hand;
};
// InvalidArgument with what is expected, and which word is wrong; so the others.
absl::StatusOr<DomainTarget> parse_domain_target(std::string_view text);

struct ZoneTarget {
  std::string name;
  // "mail", "2026a", each once, as given.
  std::vector<std::string> dkim_selectors;
};
absl::StatusOr<ZoneTarget> parse_zone_target(std::string_view text);

struct LookalikesTarget {
  std::string name;
  // Names that are the house's own.
  std::vector<std::string> owned;
  // Top-level domains, or others that names are registered below, to look under besides.
  std::vector<std::string> suffixes;
  // Words that may stand beside the name, besides.
  std::vector<std::string> words;
};
absl::StatusOr<LookalikesTarget> parse_lookalikes_target(std::string_view text);

// The name of a target of one of these kinds that has no other: "example.org",
// "zone:example.org". InvalidArgument as above, also for other kinds.
absl::StatusOr<std::string> domain_target_name(std::string_view kind, std::string_view text);

}  // namespace muster
