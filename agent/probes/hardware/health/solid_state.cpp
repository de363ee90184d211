#include "agent/probes/hardware/health/solid_state.h"

#include "agent/probes/firmware/little_endian.h"

namespace muster::hardware {

absl::StatusOr<std::optional<uint8_t>> parse_percent_used(std::string_view page) {
  // A header of eight bytes, with the number of the page in the third; then statistics of eight
  // bytes each, whose highest byte has flags (A.5.2).
  constexpr size_t kPageNumber = 2;
  constexpr uint8_t kSolidStatePage = 0x07;
  constexpr size_t kPercentUsed = 8;
  constexpr size_t kFlags = kPercentUsed + 7;
  constexpr uint8_t kSupportedAndValid = 0xc0;
  if (page.size() != kStatisticsBytes)
    return absl::InvalidArgumentError("a disk's page of statistics is cut off");
  if (firmware::byte_at(page, kPageNumber) != kSolidStatePage)
    return absl::InvalidArgumentError("another page of a disk's statistics");
  if ((firmware::byte_at(page, kFlags) & kSupportedAndValid) != kSupportedAndValid)
    return std::nullopt;
  return firmware::byte_at(page, kPercentUsed);
}

}  // namespace muster::hardware
