// Any bytes as what the device mapper answers, as the status of each of its targets, and as a
// disk's page of statistics.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "agent/probes/hardware/arrays/mapping_status.h"
#include "agent/probes/hardware/health/solid_state.h"
#include "common/text.h"

namespace {

using namespace muster::hardware;

void require(bool holds) {
  if (!holds) std::abort();
}

void check_raid(const absl::StatusOr<RaidStatus>& status, std::string_view letters) {
  if (!status.ok()) return;
  require(!status->legs.empty() && status->legs.size() <= kMostParts);
  require(status->legs.find_first_not_of(letters) == std::string::npos);
  require(status->level.starts_with("raid") && muster::printable(status->level) == status->level);
  require(muster::printable(status->action) == status->action);
}

void check_status(std::string_view status) {
  check_raid(parse_raid_status(status), "AaD-");
  check_raid(parse_mirror_status(status), "ADFSRU");
  const auto paths = parse_multipath_status(status);
  if (!paths.ok()) return;
  require(paths->size() <= kMostParts);
  for (const PathStatus& path : *paths)
    require(!path.device.empty() && muster::printable(path.device) == path.device);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  check_status(bytes);
  const auto targets = parse_mapping(bytes);
  if (targets.ok()) {
    require(targets->size() <= kMostTargets);
    for (const MappingTarget& target : *targets) {
      require(muster::printable(target.type) == target.type);
      require(target.status.find('\0') == std::string::npos && target.status.size() < size);
      check_status(target.status);
    }
  }
  const auto used = parse_percent_used(bytes);
  require(!used.ok() || size == kStatisticsBytes);
  return 0;
}
