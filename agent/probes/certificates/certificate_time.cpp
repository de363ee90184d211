#include "agent/probes/certificates/certificate_time.h"

#include <fmt/format.h>
#include <openssl/err.h>

#include <chrono>
#include <ctime>
#include <string>
#include <string_view>

#include "common/text.h"

namespace muster {
namespace {

constexpr size_t kShown = 64;

std::string as_written(const ASN1_TIME* time) {
  const unsigned char* data = time == nullptr ? nullptr : ASN1_STRING_get0_data(time);
  if (data == nullptr) return {};
  return printable({reinterpret_cast<const char*>(data),
                    static_cast<size_t>(std::max(0, ASN1_STRING_length(time)))},
                   kShown);
}

}  // namespace

absl::StatusOr<int64_t> unix_seconds(const ASN1_TIME* time) {
  // ASN1_TIME_to_tm takes a null pointer for "now".
  std::tm civil{};
  if (time == nullptr || ASN1_TIME_to_tm(time, &civil) != 1) {
    ERR_clear_error();
    return absl::InvalidArgumentError(
        fmt::format("the date '{}' cannot be read", as_written(time)));
  }
  const int year = civil.tm_year + 1900;
  if (year < 1 || year > 9999) {
    return absl::InvalidArgumentError(
        fmt::format("the date '{}' is outside the years 1 to 9999", as_written(time)));
  }
  // <chrono>'s calendar and not timegm: nothing here depends on a time zone or on time_t.
  const std::chrono::year_month_day day{std::chrono::year(year),
                                        std::chrono::month(static_cast<unsigned>(civil.tm_mon + 1)),
                                        std::chrono::day(static_cast<unsigned>(civil.tm_mday))};
  const std::chrono::sys_seconds point =
      std::chrono::sys_days(day) + std::chrono::hours(civil.tm_hour) +
      std::chrono::minutes(civil.tm_min) + std::chrono::seconds(civil.tm_sec);
  return point.time_since_epoch().count();
}

}  // namespace muster
