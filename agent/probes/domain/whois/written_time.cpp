#include "agent/probes/domain/whois/written_time.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string>
#include <utility>
#include <vector>

#include "agent/probes/domain/whois/plain_text.h"
#include "agent/probes/domain/whois/text_cursor.h"
#include "agent/probes/domain/whois/time_zone.h"
#include "common/text.h"

namespace muster::domains::whois {
namespace {

using std::chrono::sys_seconds;

// No registry writes a time in more; what is longer is prose.
constexpr size_t kLongestTime = 128;
constexpr int kFirstYear = 1970;
constexpr int kLastYear = 2199;

// 0 for no month; English names, whole or their first three letters ("Sept" as well).
unsigned month_named(std::string_view text) {
  static constexpr std::array<std::string_view, 12> kMonths = {
      "january", "february", "march",     "april",   "may",      "june",
      "july",    "august",   "september", "october", "november", "december"};
  const std::string name = lower(text);
  if (name == "sept") return 9;
  for (unsigned i = 0; i < kMonths.size(); ++i)
    if (name.size() >= 3 && (name == kMonths[i] || name == kMonths[i].substr(0, 3))) return i + 1;
  return 0;
}

bool is_weekday(std::string_view text) {
  static constexpr std::array<std::string_view, 7> kDays = {
      "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"};
  const std::string name = lower(text);
  return std::ranges::any_of(kDays, [&name](std::string_view day) {
    return name.size() >= 3 && (name == day || name == day.substr(0, 3));
  });
}

// At most four digits: cannot be too large for an int.
int number(std::string_view digits) {
  int value = 0;
  for (const char digit : digits)
    value = value * 10 + (digit - '0');
  return value;
}

std::optional<sys_seconds> day_of(int year, unsigned month, unsigned day) {
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(month),
                                         std::chrono::day(day)};
  if (year < kFirstYear || year > kLastYear || !date.ok()) return std::nullopt;
  return sys_seconds(std::chrono::sys_days(date));
}

struct Day {
  std::optional<sys_seconds> day_first;
  std::optional<sys_seconds> month_first;
  bool any() const { return day_first || month_first; }
};

Day certain(std::optional<sys_seconds> day) {
  return {day, day};
}

// A part of a date: a number of one, two or four digits, or the name of a month.
struct Part {
  size_t digits = 0;
  int value = 0;
  unsigned month = 0;
  bool is_year() const { return digits == 4; }
  bool is_small() const { return digits == 1 || digits == 2; }
};

std::optional<Part> take_part(Cursor& cursor) {
  Part part;
  if (!cursor.at_end() && is_alpha(cursor.rest().front())) {
    part.month = month_named(cursor.take_letters());
    if (part.month == 0) return std::nullopt;
    return part;
  }
  const std::string_view digits = cursor.take_digits();
  part.digits = digits.size();
  if (!part.is_small() && !part.is_year()) return std::nullopt;
  part.value = number(digits);
  for (const std::string_view ending : {"st", "nd", "rd", "th"})
    if (part.is_small() && cursor.take_word(ending)) break;
  return part;
}

Day day_of_numbers(const Part& first, const Part& second, int year, char separator) {
  const auto one = static_cast<unsigned>(first.value);
  const auto two = static_cast<unsigned>(second.value);
  // Whoever separates with dots names the day first.
  if (separator == '.') return certain(day_of(year, two, one));
  return {day_of(year, two, one), day_of(year, one, two)};
}

Day day_of_parts(const Part& first, const Part& second, const Part& third, char separator) {
  if (first.is_year() && third.is_small()) {
    if (second.month != 0)
      return certain(day_of(first.value, second.month, static_cast<unsigned>(third.value)));
    if (second.is_small())
      return certain(day_of(first.value, static_cast<unsigned>(second.value),
                            static_cast<unsigned>(third.value)));
  }
  if (!third.is_year()) return {};
  if (first.is_small() && second.month != 0)
    return certain(day_of(third.value, second.month, static_cast<unsigned>(first.value)));
  if (first.month != 0 && second.is_small())
    return certain(day_of(third.value, first.month, static_cast<unsigned>(second.value)));
  if (first.is_small() && second.is_small())
    return day_of_numbers(first, second, third.value, separator);
  return {};
}

// 20260403, and 20260403120000 with the digits of its hour left to take.
std::optional<Day> take_compact_day(Cursor& cursor) {
  Cursor ahead = cursor;
  const std::string_view digits = ahead.take_digits();
  if (digits.size() != 8) return std::nullopt;
  cursor = ahead;
  return certain(day_of(number(digits.substr(0, 4)),
                        static_cast<unsigned>(number(digits.substr(4, 2))),
                        static_cast<unsigned>(number(digits.substr(6, 2)))));
}

struct TimeOfDay {
  std::chrono::seconds since_midnight{0};
  bool given = false;
  bool valid = true;
};

TimeOfDay take_time_of_day(Cursor& cursor) {
  Cursor ahead = cursor;
  // "T10:00", " 10:00", "-T10:00" and " at 10:00".
  ahead.skip(" -");
  if (!ahead.take_word("t")) ahead.take_word("at");
  ahead.skip(" ");
  const std::string_view hour = ahead.take_digits();
  if (hour.empty() || hour.size() > 2 || !ahead.take_one(':')) return {};
  TimeOfDay time{.since_midnight = {}, .given = true, .valid = false};
  const std::string_view minute = ahead.take_digits();
  std::string_view second = "00";
  if (ahead.take_one(':')) {
    second = ahead.take_digits();
    if (ahead.take_one('.') && ahead.take_digits().empty()) return time;
  }
  if (minute.size() != 2 || second.size() != 2) return time;
  int hours = number(hour);
  Cursor half = ahead;
  half.skip(" ");
  const bool afternoon = half.take_word("pm");
  if (afternoon || half.take_word("am")) {
    if (hours < 1 || hours > 12) return time;
    hours = hours % 12 + (afternoon ? 12 : 0);
    ahead = half;
  }
  if (hours > 23 || number(minute) > 59 || number(second) > 60) return time;
  time.since_midnight = std::chrono::hours(hours) + std::chrono::minutes(number(minute)) +
                        std::chrono::seconds(number(second));
  time.valid = true;
  cursor = ahead;
  return time;
}

// What may stand behind a time: nothing, or a remark that is no second time.
bool is_remark(std::string_view rest) {
  rest = trim(rest);
  while (!rest.empty() && (rest.front() == '.' || rest.front() == ','))
    rest = trim(rest.substr(1));
  if (rest.empty() || rest.front() == '#' || rest.front() == '(') return true;
  // RPSL's "changed: 20260403 hostmaster@example.org".
  return rest.find(' ') == std::string_view::npos && rest.find('@') != std::string_view::npos;
}

std::optional<RegistryTime> at(std::optional<sys_seconds> day, const TimeOfDay& time,
                               std::optional<std::chrono::seconds> zone) {
  if (!day) return std::nullopt;
  RegistryTime result{.time = *day + time.since_midnight, .zone_named = zone.has_value()};
  if (zone) result.time -= *zone;
  return result;
}

// "2026年04月03日", "2026. 04. 03." -> "2026-04-03".
std::string without_signs(std::string_view text) {
  std::string result(text);
  using Sign = std::pair<std::string_view, std::string_view>;
  for (const Sign& sign : {Sign{"年", "-"}, Sign{"月", "-"}, Sign{"日", " "}, Sign{"년", "-"},
                           Sign{"월", "-"}, Sign{"일", " "}})
    for (size_t found = result.find(sign.first); found != std::string::npos;
         found = result.find(sign.first))
      result.replace(found, sign.first.size(), sign.second);
  return result;
}

// "Sep 3 23:59:00 2026", as C's asctime writes it: the same with its year before the hour.
std::string with_year_in_place(std::string_view text) {
  std::vector<std::string_view> parts = parts_of(text, " ");
  if (parts.size() < 4 || parts.size() > 5 || month_named(parts[0]) == 0) return std::string(text);
  const std::string_view year = parts.back();
  if (year.size() != 4 || !std::ranges::all_of(year, is_digit)) return std::string(text);
  if (parts[2].find(':') == std::string_view::npos) return std::string(text);
  parts.pop_back();
  parts.insert(parts.begin() + 2, year);
  std::string result;
  for (const std::string_view part : parts)
    result.append(part).append(" ");
  return result;
}

std::optional<Day> take_day(Cursor& cursor) {
  if (const std::optional<Day> compact = take_compact_day(cursor)) return compact;
  const std::optional<Part> first = take_part(cursor);
  if (!first || cursor.at_end()) return std::nullopt;
  const char separator = cursor.rest().front();
  if (std::string_view(" -/.,").find(separator) == std::string_view::npos) return std::nullopt;
  cursor.skip(" -/.,");
  const std::optional<Part> second = take_part(cursor);
  if (!second) return std::nullopt;
  cursor.skip(" -/.,");
  const std::optional<Part> third = take_part(cursor);
  if (!third) return std::nullopt;
  return day_of_parts(*first, *second, *third, separator);
}

}  // namespace

DateOrder WrittenTime::shows() const {
  if (day_first && !month_first) return DateOrder::kDayFirst;
  if (month_first && !day_first) return DateOrder::kMonthFirst;
  return DateOrder::kUnknown;
}

std::optional<RegistryTime> WrittenTime::read(DateOrder order) const {
  if (!day_first || !month_first) return day_first ? day_first : month_first;
  if (day_first->time == month_first->time) return day_first;
  if (order == DateOrder::kDayFirst) return day_first;
  return order == DateOrder::kMonthFirst ? month_first : std::nullopt;
}

std::optional<WrittenTime> parse_written_time(std::string_view text) {
  text = trim(text);
  if (text.size() > kLongestTime) return std::nullopt;
  std::string plain = without_signs(text);
  Cursor weekday(plain);
  if (is_weekday(weekday.take_letters())) {
    weekday.skip(", ");
    plain = std::string(weekday.rest());
  }
  plain = with_year_in_place(plain);
  Cursor cursor(plain);
  const std::optional<Day> day = take_day(cursor);
  if (!day || !day->any()) return std::nullopt;
  const TimeOfDay time = take_time_of_day(cursor);
  if (!time.valid) return std::nullopt;
  const ZoneInText zone = zone_at_front(cursor.rest());
  // A day has no zone of its own: "2026-04-03 (UTC)" may be any hour of it.
  const std::string_view rest = zone.offset ? cursor.rest().substr(zone.length) : cursor.rest();
  if (!is_remark(rest) && !zone.is_word) return std::nullopt;
  const std::optional<std::chrono::seconds> offset = time.given ? zone.offset : std::nullopt;
  return WrittenTime{at(day->day_first, time, offset), at(day->month_first, time, offset)};
}

}  // namespace muster::domains::whois
