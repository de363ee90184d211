#include "common/timestamp.h"

#include <fmt/chrono.h>

#include <algorithm>
#include <charconv>

namespace muster {

google::protobuf::Timestamp to_proto(TimePoint time) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
  google::protobuf::Timestamp timestamp;
  timestamp.set_seconds(seconds.time_since_epoch().count());
  timestamp.set_nanos(static_cast<int32_t>(std::chrono::nanoseconds(time - seconds).count()));
  return timestamp;
}

TimePoint from_proto(const google::protobuf::Timestamp& timestamp) {
  constexpr int64_t kLargest =
      std::chrono::floor<std::chrono::seconds>(Duration::max()).count() - 1;
  const int64_t seconds = std::clamp(timestamp.seconds(), -kLargest, kLargest);
  const int32_t nanos = std::clamp(timestamp.nanos(), 0, 999'999'999);
  return TimePoint(std::chrono::seconds(seconds)) +
         std::chrono::duration_cast<Duration>(std::chrono::nanoseconds(nanos));
}

double to_unix_seconds(TimePoint time) {
  return std::chrono::duration<double>(time.time_since_epoch()).count();
}

namespace {

std::string format_civil(TimePoint time, bool with_time) {
  // <chrono>'s calendar, not gmtime: it has no year 9999 surprises and no static buffer.
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date{day};
  std::string text =
      fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()),
                  static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
  if (!with_time) return text;
  const std::chrono::hh_mm_ss clock{std::chrono::floor<std::chrono::seconds>(time - day)};
  return text + fmt::format("T{:02}:{:02}:{:02}Z", clock.hours().count(), clock.minutes().count(),
                            clock.seconds().count());
}

}  // namespace

std::string to_iso8601(TimePoint time) {
  return format_civil(time, true);
}

std::string to_iso_date(TimePoint time) {
  return format_civil(time, false);
}

namespace {

// Whether it has digits where the form has a 0, and else the form's characters.
bool has_form(std::string_view text, std::string_view form) {
  return std::equal(text.begin(), text.end(), form.begin(), form.end(), [](char c, char expected) {
    return expected == '0' ? c >= '0' && c <= '9' : c == expected;
  });
}

int number_at(std::string_view text, size_t from, size_t count) {
  int number = 0;
  std::from_chars(text.data() + from, text.data() + from + count, number);
  return number;
}

std::optional<TimePoint> date_at_front(std::string_view text) {
  const std::chrono::year_month_day date{
      std::chrono::year(number_at(text, 0, 4)),
      std::chrono::month(static_cast<unsigned>(number_at(text, 5, 2))),
      std::chrono::day(static_cast<unsigned>(number_at(text, 8, 2)))};
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days(date);
}

}  // namespace

std::optional<TimePoint> parse_iso8601(std::string_view text) {
  if (!has_form(text, "0000-00-00T00:00:00Z")) return std::nullopt;
  const std::optional<TimePoint> date = date_at_front(text);
  const int hour = number_at(text, 11, 2);
  const int minute = number_at(text, 14, 2);
  const int second = number_at(text, 17, 2);
  if (!date || hour > 23 || minute > 59 || second > 59) return std::nullopt;
  return *date + std::chrono::hours(hour) + std::chrono::minutes(minute) +
         std::chrono::seconds(second);
}

std::optional<TimePoint> parse_iso_date(std::string_view text) {
  return has_form(text, "0000-00-00") ? date_at_front(text) : std::nullopt;
}

}  // namespace muster
