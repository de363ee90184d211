// A calendar as lines, and that of one host or target.
#pragma once

#include <fmt/format.h>

#include <string>
#include <vector>

#include "tests/collector/expiry/every_kind.h"

namespace muster::collector {

// "domain example.org 4d example.org ops", by hand with a "*".
inline std::vector<std::string> lines(const v1::ExpiryList& list) {
  std::vector<std::string> result;
  for (const v1::ExpiryEntry& entry : list.entries()) {
    const Duration left = from_proto(entry.ends_at()) - kNow;
    result.push_back(fmt::format("{}{} | {} | {}d | {}{} | {}", entry.by_hand() ? "*" : "",
                                 entry.kind_name(), entry.subject(),
                                 std::chrono::floor<std::chrono::days>(left).count(), entry.host(),
                                 entry.target(), entry.owner()));
  }
  return result;
}

// What one host or target of that kind has.
inline v1::ExpiryList list_of(const std::vector<SectionState>& sections,
                              const std::string& kind = "host", int days = 90) {
  ExpiryCalendar calendar(all_within(days));
  calendar.add({.name = "web1", .kind = kind, .labels = kWeb, .owner = "", .sections = sections});
  return calendar.take();
}

inline v1::ExpiryList list_of(const google::protobuf::Message& facts) {
  return list_of({section_of(facts)});
}

}  // namespace muster::collector
