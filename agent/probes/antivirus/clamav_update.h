// What freshclam has logged of its runs: each begins with "ClamAV update process started at ...".
// Pure; any thread.
#pragma once

#include <absl/time/time.h>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/clock.h"

namespace muster::antivirus {

// A run of freshclam has about ten lines; what is read are the last of the log.
inline constexpr size_t kMostOfUpdateLog = 1 << 20;

struct UpdateHistory {
  // The last run that has ended, and whether it succeeded: it updated, or nothing was to be done.
  std::optional<TimePoint> tried_at;
  std::optional<TimePoint> succeeded_at;
  // Of the last run, if it failed: "Database update process failed: HTTP GET failed".
  std::string error;
  // Of the last run that has ended: "Clamd was NOT notified: ...".
  std::vector<std::string> warnings;
  // There was at least one run in it.
  bool has_runs = false;
};

UpdateHistory parse_freshclam_log(std::string_view log, const absl::TimeZone& zone);

}  // namespace muster::antivirus
