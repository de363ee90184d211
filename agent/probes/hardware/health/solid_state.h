// How worn a solid-state disk at ATA is: the page 07h of its log of statistics (log address 04h;
// ACS-3 A.5.7), one block. Pure; any thread.
#pragma once

#include <absl/status/statusor.h>

#include <cstdint>
#include <optional>
#include <string_view>

namespace muster::hardware {

inline constexpr size_t kStatisticsBytes = 512;

// How much of its life its maker thinks is used, percent, 255 for that or more. Unset where the
// page says that this is not supported, or not valid now. InvalidArgument for other than one block,
// and for another page: a disk without it may answer with zeros.
absl::StatusOr<std::optional<uint8_t>> parse_percent_used(std::string_view page);

}  // namespace muster::hardware
