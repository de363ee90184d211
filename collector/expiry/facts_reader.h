// The facts of a section as their message. Part of the *_ends.cpp, of nobody else.
#pragma once

#include <google/protobuf/arena.h>

#include "collector/expiry/section_ends.h"

namespace muster::collector {

// Bounds of what is shown, in bytes.
inline constexpr size_t kLongestSubject = 512;
inline constexpr size_t kLongestDetail = 256;

// Null where the bytes are not of that type: `take` is told then that an end of `kind` is not
// known. Lives as long as the arena.
template <typename Facts>
const Facts* read_facts(const SectionState& section, v1::ExpiryKind kind, const TakeEnd& take,
                        google::protobuf::Arena& arena) {
  auto* const facts = google::protobuf::Arena::CreateMessage<Facts>(&arena);
  if (facts->ParseFromString(section.facts)) return facts;
  take({.kind = kind, .subject = section.probe});
  return nullptr;
}

}  // namespace muster::collector
