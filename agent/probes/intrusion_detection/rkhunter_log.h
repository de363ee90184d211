// The log of Rootkit Hunter, and its settings. Pure; any thread.
#pragma once

#include <absl/time/time.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/clock.h"

namespace muster::intrusion_detection {

struct RkhunterSettings {
  std::string log = "/var/log/rkhunter.log";
  std::string data = "/var/lib/rkhunter/db";
};

// Adds what a file of settings says: LOGFILE, DBDIR.
void parse_rkhunter_settings(std::string_view text, RkhunterSettings& settings);

struct RkhunterRun {
  // "1.4.6".
  std::string version;
  std::optional<TimePoint> started_at;
  std::optional<TimePoint> ended_at;
  // Whether it came to its end.
  bool is_whole = false;
  uint64_t warnings = 0;
  // The first of them.
  std::string first_warning;
  // "Possible rootkits: 1", where there are any.
  std::string rootkits;
};

struct RkhunterLog {
  // The last check that came to its end, and the last of all; other runs (--propupd, --update) are
  // passed over.
  std::optional<RkhunterRun> last_whole;
  std::optional<RkhunterRun> last;
  // The last check is also the last run of any kind.
  bool ends_with_it = false;
  // Whether there is any run in it, in English: its words are translated (LANGUAGE).
  bool is_log = false;
};

// Times are in `zone`, unless they say UTC.
RkhunterLog parse_rkhunter_log(std::string_view text, const absl::TimeZone& zone);

}  // namespace muster::intrusion_detection
