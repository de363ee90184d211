#include "agent/probes/intrusion_detection/wazuh_state.h"

#include "agent/probes/protection/text_lines.h"
#include "common/text.h"

namespace muster::intrusion_detection {

absl::StatusOr<WazuhState> parse_wazuh_state(std::string_view text) {
  WazuhState state;
  bool is_whole = false;
  while (!text.empty()) {
    const std::string_view line = protection::take_line(text);
    const size_t equals = line.find("='");
    if (line.starts_with('#') || equals == std::string_view::npos) continue;
    if (!line.ends_with('\'') || line.size() < equals + 3) {
      return absl::InvalidArgumentError("it breaks off within a line");
    }
    const std::string_view key = line.substr(0, equals);
    const std::string_view value = line.substr(equals + 2, line.size() - equals - 3);
    if (value.size() > 64) return absl::InvalidArgumentError("it has a value of over 64 bytes");
    if (key == "status") state.status = std::string(value);
    if (key == "last_keepalive") state.last_keepalive = std::string(value);
    if (key == "last_ack") state.last_ack = std::string(value);
    // The last that every version has.
    if (key == "msg_sent") is_whole = true;
    if (key == "msg_buffer") {
      uint64_t number = 0;
      if (protection::parse_number(value, number)) state.buffered = number;
    }
  }
  if (state.status.empty()) return absl::InvalidArgumentError("it has no status");
  if (!is_whole) return absl::InvalidArgumentError("it breaks off: msg_sent is missing");
  return state;
}

}  // namespace muster::intrusion_detection
