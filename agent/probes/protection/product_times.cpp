#include "agent/probes/protection/product_times.h"

#include <absl/time/civil_time.h>

#include <charconv>
#include <chrono>

#include "agent/probes/probe_program.h"
#include "agent/probes/root_files.h"
#include "common/text.h"

namespace muster::protection {
namespace {

constexpr const char* kLocalTime = "/etc/localtime";
// The largest of Debian's is 4 kB.
constexpr size_t kLargestZone = 64 << 10;
// No form of a time is longer.
constexpr size_t kLongestTime = 64;

std::optional<TimePoint> of_absl(absl::Time time) {
  if (time == absl::InfiniteFuture() || time == absl::InfinitePast()) return std::nullopt;
  const int64_t microseconds = absl::ToUnixMicros(time);
  // Within what an int64_t of microseconds holds absl clamps nothing; a Timestamp holds less.
  constexpr int64_t kMost = 253'402'300'799'000'000;
  if (microseconds < -kMost || microseconds > kMost) return std::nullopt;
  return TimePoint(Duration(microseconds));
}

}  // namespace

std::optional<absl::TimeZone> local_zone(const std::string& root) {
  const absl::StatusOr<std::string> file = probe::read_in_root(root, kLocalTime, kLargestZone);
  if (absl::IsNotFound(file.status())) return absl::UTCTimeZone();
  if (!file.ok() || !file->starts_with("TZif")) return std::nullopt;
  absl::TimeZone zone;
  // It can be loaded only by its name: absl has this prefix for that.
  const std::string name = "file:" + probe::resolve_in_root(root, kLocalTime);
  if (!absl::LoadTimeZone(name, &zone)) return std::nullopt;
  return zone;
}

std::optional<TimePoint> parse_time(std::string_view text, std::initializer_list<const char*> forms,
                                    const absl::TimeZone& zone) {
  text = trim(text);
  // "infinite-future" is a time to absl.
  if (text.empty() || text.size() > kLongestTime || text.front() == 'i') return std::nullopt;
  for (const char* form : forms) {
    absl::Time time;
    std::string error;
    if (absl::ParseTime(form, absl::string_view(text.data(), text.size()), zone, &time, &error)) {
      return of_absl(time);
    }
  }
  return std::nullopt;
}

std::optional<TimePoint> parse_iso_time(std::string_view text) {
  return parse_time(text, {"%Y-%m-%dT%H:%M:%E*S%Ez", "%Y-%m-%d %H:%M:%E*S%Ez",
                           "%Y-%m-%d %H:%M:%E*S %Ez", "%Y-%m-%dT%H:%M:%E*S%z"});
}

std::optional<TimePoint> parse_ctime(std::string_view text, const absl::TimeZone& zone) {
  return parse_time(text, {"%a %b %d %H:%M:%S %Y"}, zone);
}

std::optional<TimePoint> parse_unix_time(std::string_view text) {
  text = trim(text);
  int64_t seconds = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, seconds);
  constexpr int64_t kMost = 253'402'300'799;
  if (error != std::errc() || seconds < 0 || seconds > kMost) return std::nullopt;
  if (rest != end && *rest != '.') return std::nullopt;
  for (const char* c = rest == end ? end : rest + 1; c != end; ++c) {
    if (*c < '0' || *c > '9') return std::nullopt;
  }
  return TimePoint(std::chrono::seconds(seconds));
}

}  // namespace muster::protection
