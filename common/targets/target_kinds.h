// Every kind of target that there is, in one visible table. Pure; any thread.
#pragma once

#include <array>
#include <chrono>
#include <span>
#include <string_view>

#include "common/clock.h"

namespace muster {

struct TargetKind {
  // In lists of targets, targets.allow, and as `kind` in the policy's selectors.
  std::string_view name;
  // The probe that looks at it.
  std::string_view probe;
  // Its address is the name of a domain (domain_target.h), which itself is not dialled: servers
  // that know of it are. So targets.allow has no ports for it, and lists it only where an entry
  // names the kind.
  bool of_a_domain = false;
  // Registries are asked: at most once in the interval, which is a day, whoever looks.
  bool once_a_day = false;
  // Where nothing else is said.
  Duration interval = std::chrono::minutes(1);
  Duration timeout = std::chrono::seconds(10);
};

inline constexpr std::array<TargetKind, 5> kTargetKinds{{
    {.name = "tcp", .probe = "tcp"},
    {.name = "tls", .probe = "tls"},
    {.name = "domain",
     .probe = "domain",
     .of_a_domain = true,
     .once_a_day = true,
     .interval = std::chrono::hours(24),
     .timeout = std::chrono::seconds(30)},
    {.name = "zone",
     .probe = "zone",
     .of_a_domain = true,
     .interval = std::chrono::hours(1),
     .timeout = std::chrono::seconds(30)},
    {.name = "lookalikes",
     .probe = "lookalikes",
     .of_a_domain = true,
     .once_a_day = true,
     .interval = std::chrono::hours(24),
     .timeout = std::chrono::seconds(60)},
}};

inline std::span<const TargetKind> all_target_kinds() {
  return kTargetKinds;
}

// By name; null if there is none.
inline const TargetKind* find_target_kind(std::string_view name) {
  for (const TargetKind& kind : kTargetKinds) {
    if (kind.name == name) return &kind;
  }
  return nullptr;
}

inline bool is_of_a_domain(std::string_view kind) {
  const TargetKind* const found = find_target_kind(kind);
  return found != nullptr && found->of_a_domain;
}

}  // namespace muster
