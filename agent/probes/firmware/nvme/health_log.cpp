#include "agent/probes/firmware/nvme/health_log.h"

#include <fmt/format.h>

#include <array>

#include "agent/probes/firmware/little_endian.h"
#include "agent/probes/firmware/nvme/reply_fields.h"

namespace muster::nvme {
namespace {

// Byte 0, bit by bit.
constexpr std::array<std::string_view, 6> kWarnings = {
    "few spare blocks are left",
    "it is too hot or too cold",
    "it is less reliable, after errors of media or within",
    "it can only be read",
    "what saves its memory at a loss of power has failed",
    "its persistent memory region can only be read or is unreliable",
};

std::vector<std::string> warnings_of(uint8_t bits) {
  std::vector<std::string> warnings;
  for (size_t bit = 0; bit < 8; ++bit) {
    if ((bits >> bit & 1) == 0) continue;
    warnings.push_back(bit < kWarnings.size() ? std::string(kWarnings.at(bit))
                                              : fmt::format("an unknown warning (bit {})", bit));
  }
  return warnings;
}

std::optional<uint8_t> percent(uint8_t value) {
  return value > 100 ? std::nullopt : std::optional<uint8_t>(value);
}

// Kelvin.
std::optional<int> celsius(uint16_t kelvin) {
  return kelvin == 0 ? std::nullopt : std::optional<int>(int{kelvin} - 273);
}

}  // namespace

absl::StatusOr<HealthLog> parse_health_log(std::string_view bytes) {
  if (auto checked = check_size(bytes, kHealthLogBytes, "the log of health"); !checked.ok())
    return checked;
  return HealthLog{.critical = firmware::byte_at(bytes, 0),
                   .warnings = warnings_of(firmware::byte_at(bytes, 0)),
                   .temperature = celsius(firmware::number_at<uint16_t>(bytes, 1)),
                   .spare = percent(firmware::byte_at(bytes, 3)),
                   .spare_threshold = percent(firmware::byte_at(bytes, 4)),
                   .percentage_used = firmware::byte_at(bytes, 5),
                   .power_on_hours = saturated_at(bytes, 128),
                   .unsafe_shutdowns = saturated_at(bytes, 144),
                   .media_errors = saturated_at(bytes, 160)};
}

}  // namespace muster::nvme
