// Since when what is unmet has been unmet: the one memory of verdicts, kept by the store.
#pragma once

#include <map>
#include <string>

#include "common/clock.h"

namespace muster::policy {

// Since when a subject of a control has been unmet without a break.
struct SubjectKey {
  // Empty: the host itself.
  std::string entity;
  std::string control;
  std::string subject;
  // NOLINTNEXTLINE(modernize-use-nullptr): clang-tidy 14 sees a 0 in what it is rewritten to.
  auto operator<=>(const SubjectKey&) const = default;
};
using FirstSeen = std::map<SubjectKey, TimePoint>;

}  // namespace muster::policy
