#include "agent/probes/domain/rdap/retry_after.h"

#include <absl/time/time.h>

#include <algorithm>
#include <string>

#include "common/text.h"

namespace muster::domains::rdap {
namespace {

using std::chrono::seconds;

constexpr seconds kLongest = std::chrono::days(7);

// The form that HTTP/1.1 writes, and the two that it reads (RFC 9110, section 5.6.7).
constexpr const char* kDates[] = {"%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT",
                                  "%a %b %d %H:%M:%S %Y"};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

}  // namespace

std::optional<seconds> read_retry_after(std::string_view value, std::chrono::sys_seconds now) {
  value = trim(value);
  if (value.empty() || value.size() > 64) return std::nullopt;
  if (std::all_of(value.begin(), value.end(), is_digit)) {
    seconds wait{0};
    for (const char digit : value)
      wait = std::min(kLongest, wait * 10 + seconds(digit - '0'));
    return wait;
  }
  if (is_digit(value.front())) return std::nullopt;
  for (const char* form : kDates) {
    absl::Time time;
    if (!absl::ParseTime(form, std::string(value), &time, nullptr)) continue;
    // Not what absl takes for the end of all times: "infinite-future".
    if (time == absl::InfiniteFuture() || time == absl::InfinitePast()) return std::nullopt;
    const std::chrono::sys_seconds until{seconds(absl::ToUnixSeconds(time))};
    return std::clamp(until - now, seconds(0), kLongest);
  }
  return std::nullopt;
}

}  // namespace muster::domains::rdap
