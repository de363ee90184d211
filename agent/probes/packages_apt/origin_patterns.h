// Which repositories unattended-upgrades takes updates from, as its configuration says. Pure; any
// thread.
#pragma once

#include <absl/status/statusor.h>

#include <string>
#include <vector>

#include "agent/probes/packages_apt/apt_snapshot.h"

namespace muster::packages_apt {

// What its patterns may name: as `lsb_release -i` and `-c` say it ("Debian", "bookworm").
struct DistributionNames {
  std::string id;
  std::string codename;
};

// One that all of its fields must match; the values with "*", "?" and "[…]".
struct OriginPattern {
  struct Field {
    // 'o', 'l', 'a', 'c', 's' (site) or 'n'.
    char what;
    std::string value;
  };
  std::vector<Field> fields;
};

inline constexpr size_t kMostPatterns = 200;
inline constexpr size_t kLongestPattern = 1024;

// From Unattended-Upgrade::Allowed-Origins ("Debian:stable", "Debian stable") and
// Unattended-Upgrade::Origins-Pattern ("origin=Debian,label=Debian-Security"). An error, for an
// operator, where unattended-upgrades would stop at one instead of upgrading anything.
absl::StatusOr<std::vector<OriginPattern>> parse_origin_patterns(
    const std::vector<std::string>& allowed_origins,
    const std::vector<std::string>& origins_patterns, const DistributionNames& names);

bool is_allowed(const AptList& list, const std::vector<OriginPattern>& patterns);

}  // namespace muster::packages_apt
