// Samhain's log, and its settings in samhainrc. Pure; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/clock.h"

namespace muster::intrusion_detection {

// Where it keeps what: as compiled into Debian's, unless samhainrc says otherwise.
struct SamhainPlaces {
  std::string database = "/var/lib/samhain/samhain_file";
  std::string log = "/var/log/samhain/samhain.log";
};

// "SetDatabasePath", "SetLogfilePath" of the section [Misc]; "AUTO" is as compiled.
SamhainPlaces parse_samhain_settings(std::string_view samhainrc);

struct SamhainLog {
  // Of the last time that it was started, and of its last check of files.
  std::optional<TimePoint> started_at;
  std::optional<TimePoint> check_started_at;
  std::optional<TimePoint> check_ended_at;
  // Changes that it told of since that start and after the baseline was made. It tells of each
  // change once, so that those of its last check alone would be none the next time.
  uint64_t changes = 0;
  // The last of them: "POLICY [ReadOnly] C-------TS /etc/passwd".
  std::string last_change;
  // Whether that start is in the log: else there may be changes that are not.
  bool has_start = false;
  // It ended by itself after that start.
  bool has_ended = false;
  // Whether any line was one of its own.
  bool is_log = false;
};

SamhainLog parse_samhain_log(std::string_view text, std::optional<TimePoint> baseline);

}  // namespace muster::intrusion_detection
