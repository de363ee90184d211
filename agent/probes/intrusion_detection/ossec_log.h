// logs/ossec.log of OSSEC and Wazuh: "2026/11/22 18:43:25 wazuh-syscheckd: INFO: (6009): File
// integrity monitoring scan ended." Pure; any thread.
#pragma once

#include <absl/time/time.h>

#include <optional>
#include <string>
#include <string_view>

#include "common/clock.h"

namespace muster::intrusion_detection {

struct OssecLog {
  // Of the first line: it is begun anew each day, or never.
  std::optional<TimePoint> begins_at;
  // The last check of files (syscheck).
  std::optional<TimePoint> check_started_at;
  std::optional<TimePoint> check_ended_at;
  // Whether the last word about the server was that it answers; unset: none was said.
  std::optional<bool> is_connected;
  // The last word about a full buffer of events, unless it works properly again; empty: none.
  std::string buffer_trouble;
  // Whether any line was one of its own.
  bool is_log = false;
};

// Times are local ones, in `zone`.
OssecLog parse_ossec_log(std::string_view text, const absl::TimeZone& zone);

}  // namespace muster::intrusion_detection
