#include "common/timestamp.h"

#include <fmt/chrono.h>

#include <algorithm>

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

}  // namespace muster
