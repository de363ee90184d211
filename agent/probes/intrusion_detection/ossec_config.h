// ossec.conf of OSSEC and Wazuh: XML without a single root, in which settings come again and again.
// Pure; any thread.
#pragma once

#include <absl/status/statusor.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace muster::intrusion_detection {

struct OssecConfig {
  // Of the first server: "wazuh.example.org:1514"; empty: none.
  std::string server;
  // <syscheck><disabled>: no file is checked.
  bool is_syscheck_off = false;
  // <syscheck><frequency>, in seconds; Wazuh's unless it is set.
  uint64_t check_frequency = 43'200;
  // Some <directories realtime="yes"> or whodata="yes".
  bool has_real_time = false;
  // <client_buffer><queue_size>; unset: not set, or switched off.
  std::optional<uint64_t> queue_size;
};

// InvalidArgument where a tag is not closed, or they nest beyond what such a file has.
absl::StatusOr<OssecConfig> parse_ossec_config(std::string_view xml);

}  // namespace muster::intrusion_detection
