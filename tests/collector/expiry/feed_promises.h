// What holds of the calendar and its feeds whatever bytes a host sends as its facts: texts are
// printable and bounded, times have a place in a calendar, and each feed has as many entries as the
// list and lines as its RFC has them. For tests and the fuzz target.
#pragma once

#include <string>
#include <string_view>

#include "collector/expiry/expiry_calendar.h"
#include "collector/expiry/expiry_csv.h"
#include "collector/expiry/icalendar.h"
#include "common/text.h"

namespace muster::collector {

inline size_t count_of(std::string_view text, std::string_view part) {
  size_t count = 0;
  for (size_t at = text.find(part); at != std::string_view::npos; at = text.find(part, at + 1))
    ++count;
  return count;
}

inline bool is_shown_well(const std::string& text, size_t longest) {
  return text.size() <= longest && printable(text, longest) == text;
}

// Empty: all of it holds; else what does not.
inline std::string broken_promise(const v1::ExpiryList& list) {
  constexpr size_t kLongestSubject = 512;
  constexpr size_t kLongestDetail = 256;
  for (const v1::ExpiryEntry& entry : list.entries()) {
    if (!is_shown_well(entry.subject(), kLongestSubject)) return "a subject";
    if (!is_shown_well(entry.detail(), kLongestDetail)) return "a detail";
    if (entry.ends_at().seconds() < -2'208'988'800 || entry.ends_at().seconds() > 253'402'300'799)
      return "a time";
  }
  const std::string calendar = to_icalendar(list);
  for (size_t begin = 0; begin < calendar.size();) {
    const size_t end = calendar.find("\r\n", begin);
    if (end == std::string::npos || end - begin > 75) return "a line of the calendar";
    if (!is_valid_utf8(calendar.substr(begin, end - begin))) return "a cut character";
    begin = end + 2;
  }
  const auto entries = static_cast<size_t>(list.entries_size());
  const size_t lacks = (list.omitted() > 0 ? 1 : 0) + (list.without_end() > 0 ? 1 : 0);
  if (count_of(calendar, "\r\nBEGIN:VEVENT\r\n") != entries + lacks) return "an event";
  if (count_of(to_expiry_csv(list), "\r\n") != 1 + entries + lacks) return "a row";
  return {};
}

// Of one host, or of a target where the facts are one's.
inline v1::ExpiryList ends_of_bytes(std::string_view facts_type, std::string_view facts,
                                    TimePoint now) {
  SectionState section;
  section.probe = "probe";
  section.outcome = v1::OUTCOME_OBSERVED;
  section.observed_at = now;
  section.facts_type = facts_type;
  section.facts = facts;
  const std::vector<SectionState> sections{section};
  const Labels labels;
  ExpiryCalendar calendar({.now = now, .until = TimePoint::max()});
  calendar.add(
      {.name = "web1", .kind = "host", .labels = labels, .owner = "", .sections = sections});
  return calendar.take();
}

}  // namespace muster::collector
