// The facts of a section as a message, for those who write samples of them. Pure; any thread.
#pragma once

#include <optional>

#include "common/section_state.h"
#include "common/timestamp.h"

namespace muster::exposition {

inline double unix_seconds(const google::protobuf::Timestamp& timestamp) {
  return to_unix_seconds(from_proto(timestamp));
}

// The section's facts if they are of this type and can be read.
template <typename Facts>
std::optional<Facts> facts_of(const SectionState& section) {
  if (section.facts_type != Facts::descriptor()->full_name()) return std::nullopt;
  Facts facts;
  if (!facts.ParseFromString(section.facts)) return std::nullopt;
  return facts;
}

}  // namespace muster::exposition
