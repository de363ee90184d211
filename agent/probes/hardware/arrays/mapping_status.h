// The state of a mapping as the device mapper tells it: the answer to DM_TABLE_STATUS
// (include/uapi/linux/dm-ioctl.h), and the words of its targets that keep something more than once
// (Documentation/admin-guide/device-mapper/dm-raid.rst, drivers/md/dm-raid1.c and dm-mpath.c of
// Linux 6.12). Pure; any thread.
#pragma once

#include <absl/status/statusor.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace muster::hardware {

inline constexpr size_t kMostTargets = 256;
inline constexpr size_t kMostParts = 256;

struct MappingTarget {
  // "raid", "linear".
  std::string type;
  // As the target writes it, without the zero that ends it.
  std::string status;
};

// InvalidArgument where it is no such answer, is cut off, or has more than kMostTargets.
absl::StatusOr<std::vector<MappingTarget>> parse_mapping(std::string_view reply);

// Of the target "raid": "raid1 2 AA 100/100 idle 0 0 -".
struct RaidStatus {
  // "raid1", "raid5"; what follows of how it is laid out is left out.
  std::string level;
  // One letter for each leg: 'A' works, 'a' is not filled, 'D' failed, '-' never was there.
  std::string legs;
  uint64_t filled = 0;
  uint64_t total = 0;
  // "idle", "resync", "recover"; empty before version 1.5 of the target.
  std::string action;
  std::optional<uint64_t> mismatches;
};
absl::StatusOr<RaidStatus> parse_raid_status(std::string_view status);

// Of the target "mirror": "2 253:3 253:4 400/400 1 AA 1 core". Letters but 'A' are ways to fail.
absl::StatusOr<RaidStatus> parse_mirror_status(std::string_view status);

// Of the target "multipath": a path for each of its groups' paths.
struct PathStatus {
  // "8:16"
  std::string device;
  bool works = false;
};
absl::StatusOr<std::vector<PathStatus>> parse_multipath_status(std::string_view status);

}  // namespace muster::hardware
