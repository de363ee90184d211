// A report of AIDE, as text (0.14 and later; also within the log that Debian's daily check keeps)
// or as JSON (0.18 and later, report_format=json). Pure; any thread.
#pragma once

#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/clock.h"
#include "muster/v1/protection_facts.pb.h"

namespace muster::intrusion_detection {

struct AideReport {
  // "0.18.3"; empty: it does not say.
  std::string version;
  std::optional<TimePoint> started_at;
  std::optional<TimePoint> ended_at;
  // Failed also where the report breaks off before it says what was found. Never: it tells that the
  // database was made, which is no check.
  v1::CheckResult result = v1::CHECK_RESULT_UNSPECIFIED;
  // Entries that were added, removed and changed.
  std::optional<uint64_t> found;
  // "1 added, 0 removed and 2 changed", or why it failed.
  std::string detail;
};

// The last report in the text. Times without a zone are in `zone`. InvalidArgument if it holds
// none: it is of another language or form.
absl::StatusOr<AideReport> parse_aide_report(std::string_view text, const absl::TimeZone& zone);

}  // namespace muster::intrusion_detection
