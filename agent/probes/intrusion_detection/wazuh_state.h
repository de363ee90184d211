// The file in which Wazuh's agent tells its state every five seconds: var/run/wazuh-agentd.state.
// Pure; any thread.
#pragma once

#include <absl/status/statusor.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace muster::intrusion_detection {

struct WazuhState {
  // "pending", "connected", "disconnected".
  std::string status;
  // Local times, "2019-02-05 12:18:37"; empty: never.
  std::string last_keepalive;
  std::string last_ack;
  // Of its buffer of events; unset where it has none.
  std::optional<uint64_t> buffered;
};

// InvalidArgument where it is not whole: it is written anew and put in the place of the old one, so
// that a part of it is a fault.
absl::StatusOr<WazuhState> parse_wazuh_state(std::string_view text);

}  // namespace muster::intrusion_detection
