// How full the log of events of a management controller is: the response to Get SEL Info (IPMI 2.0
// revision 1.1, 31.2, table 31-2). Pure; any thread.
#pragma once

#include <absl/status/statusor.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

namespace muster::ipmi {

struct EventLogInfo {
  uint16_t entries = 0;
  // Bytes; unset where there are 65535 or more.
  std::optional<uint16_t> free_bytes;
  // 0 to 100, rounded down. Unset where the free space is, or there is a log of no size.
  std::optional<int> percent_used;
  // Events were lost for want of space.
  bool overflowed = false;
  // When the last entry was added, by the controller's clock, which may have the local time. Unset
  // where it never was, or the clock was not set (37: such times count from its start).
  std::optional<std::chrono::sys_seconds> last_addition;
};

// The response with its completion code. Unavailable where that is an error, with it in words;
// InvalidArgument where the response is cut short.
absl::StatusOr<EventLogInfo> parse_event_log_info(std::string_view response);

}  // namespace muster::ipmi
