// Days and instants as registries write them. Pure; any thread.
#pragma once

#include <optional>
#include <string_view>

#include "agent/probes/domain/registration.h"

namespace muster::domains::whois {

// How three numbers with the year last are meant. A registry writes all its dates one way.
enum class DateOrder { kUnknown, kDayFirst, kMonthFirst };

// A written time, read each way that its numbers allow. Where only one is a day of the calendar, or
// the text leaves no doubt (2026-04-03, 3.4.2026, 03-Apr-2026), the order does not matter and both
// are equal.
struct WrittenTime {
  std::optional<RegistryTime> day_first;
  std::optional<RegistryTime> month_first;

  // One reading only: what this time tells of how others in the same answer are meant.
  DateOrder shows() const;
  // Nothing where the order is needed and not known.
  std::optional<RegistryTime> read(DateOrder order) const;
};

// Nothing for what is no time of the years 1970 to 2199, for a day that the calendar has not, a
// year of two digits, and for a text that says more than a time, its zone and a remark in
// parentheses.
std::optional<WrittenTime> parse_written_time(std::string_view text);

}  // namespace muster::domains::whois
