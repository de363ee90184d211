// Every kind of target that there is, in one visible table. Pure; any thread.
#pragma once

#include <array>
#include <span>
#include <string_view>

namespace muster {

struct TargetKind {
  // In lists of targets, targets.allow, and as `kind` in the policy's selectors.
  std::string_view name;
  // The probe that looks at it.
  std::string_view probe;
};

inline constexpr std::array<TargetKind, 2> kTargetKinds{{
    {.name = "tcp", .probe = "tcp"},
    {.name = "tls", .probe = "tls"},
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

}  // namespace muster
