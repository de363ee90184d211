// What the device mapper answers to DM_TABLE_STATUS, for tests (include/uapi/linux/dm-ioctl.h).
#pragma once

#include <linux/dm-ioctl.h>

#include <cstdint>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

namespace muster::test {

// `targets`: type and status of each.
inline std::string mapping_reply(const std::vector<std::pair<std::string, std::string>>& targets) {
  std::string data;
  for (const auto& [type, status] : targets) {
    dm_target_spec target{};
    type.copy(target.target_type, sizeof target.target_type - 1);
    // The next one begins where eight bytes do.
    const size_t end = data.size() + sizeof target + status.size() + 1;
    target.next = static_cast<uint32_t>((end + 7) / 8 * 8);
    data.append(reinterpret_cast<const char*>(&target), sizeof target);
    data += status;
    data.resize(target.next);
  }
  dm_ioctl header{};
  header.version[0] = 4;
  header.version[1] = 48;
  header.data_size = static_cast<uint32_t>(sizeof header + data.size());
  header.data_start = sizeof header;
  header.target_count = static_cast<uint32_t>(targets.size());
  return std::string(reinterpret_cast<const char*>(&header), sizeof header) + data;
}

}  // namespace muster::test
