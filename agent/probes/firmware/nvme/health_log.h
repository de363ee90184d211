// How a drive at NVMe fares: the log page 02h, SMART / Health Information (NVM Express Base
// Specification 2.0c, 5.16.1.3, figure 207). Pure; any thread.
#pragma once

#include <absl/status/statusor.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace muster::nvme {

inline constexpr size_t kHealthLogBytes = 512;

// Of the critical warnings the one that it is too hot or too cold.
inline constexpr uint8_t kTemperatureWarning = 0x02;

struct HealthLog {
  // Byte 0: a bit for each critical warning that is on.
  uint8_t critical = 0;
  // The same, by bit, in words; of a bit that the specification reserves "an
  // unknown warning (bit 6)", for it is not health either.
  std::vector<std::string> warnings;
  // Of the controller as a whole, degrees Celsius. Unset: it says 0 K.
  std::optional<int> temperature;
  // Percent of the spare blocks that is left, and below which the first warning is on. Unset where
  // it is more than 100.
  std::optional<uint8_t> spare;
  std::optional<uint8_t> spare_threshold;
  // How much of its life its maker thinks is used, percent: 100 is the end that was meant, 255 is
  // that or more.
  uint8_t percentage_used = 0;
  // Counters of 128 bits; the largest of 64 stands for all that are larger.
  uint64_t power_on_hours = 0;
  uint64_t unsafe_shutdowns = 0;
  // Data that were not read or written as they were meant.
  uint64_t media_errors = 0;
};

// InvalidArgument where there are not exactly kHealthLogBytes.
absl::StatusOr<HealthLog> parse_health_log(std::string_view bytes);

}  // namespace muster::nvme
