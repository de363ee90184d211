#include "agent/probes/firmware/ipmi/device_id.h"

#include <fmt/format.h>

#include "agent/probes/firmware/ipmi/completion_code.h"
#include "agent/probes/firmware/ipmi/manufacturers.h"
#include "agent/probes/firmware/little_endian.h"

namespace muster::ipmi {
namespace {

// Without, and with the four bytes of the vendor's.
constexpr size_t kLeast = 12;
constexpr size_t kAll = 16;

// Bytes 8 to 10, of which the upper four bits are reserved.
std::optional<uint32_t> manufacturer_of(std::string_view response) {
  constexpr uint32_t kUnspecified = 0;
  constexpr uint32_t kReserved = 0x0fffff;
  const uint32_t number = (uint32_t{firmware::number_at<uint16_t>(response, 7)} |
                           uint32_t{firmware::byte_at(response, 9)} << 16) &
                          kReserved;
  return number == kUnspecified || number == kReserved ? std::nullopt
                                                       : std::optional<uint32_t>(number);
}

std::optional<uint16_t> product_of(std::string_view response) {
  constexpr uint16_t kUnspecified = 0;
  constexpr uint16_t kReserved = 0xffff;
  const auto number = firmware::number_at<uint16_t>(response, 10);
  return number == kUnspecified || number == kReserved ? std::nullopt
                                                       : std::optional<uint16_t>(number);
}

// What follows "2.54", of the vendors whose bytes are known: the others have builds there, digests
// or what their mainboards need, and it is not to be guessed.
std::string rest_of_version(const DeviceId& device) {
  if (!device.auxiliary) return {};
  const auto& bytes = *device.auxiliary;
  switch (device.manufacturer_id.value_or(0)) {
    case kDell: {
      // The third and the fourth byte, the second is the build: iDRAC 3.30.30.30 has
      // 00 3C 1E 1E. iDRAC6 had two parts alone, up to 2.92; since iDRAC9, which began with 3,
      // zeros are written.
      constexpr uint8_t kZerosToo = 3;
      return device.firmware_major >= kZerosToo || (bytes[2] | bytes[3]) != 0
                 ? fmt::format(".{:02}.{:02}", bytes[2], bytes[3])
                 : std::string();
    }
    case kGigabyte:
      // The first, of which a MW34-SP0 with 13.05.09 has 09.
      return fmt::format(".{:02}", bytes[0]);
    default:
      return {};
  }
}

}  // namespace

absl::StatusOr<DeviceId> parse_device_id(std::string_view response) {
  if (auto checked = check_response(response, "Get Device ID", kLeast); !checked.ok())
    return checked;
  const auto byte = [response](size_t at) { return firmware::byte_at(response, at); };
  constexpr uint8_t kEventLog = 1 << 2;
  const std::optional<uint32_t> manufacturer = manufacturer_of(response);
  DeviceId device{.device_id = byte(1),
                  .device_revision = static_cast<uint8_t>(byte(2) & 0x0f),
                  .firmware_major = static_cast<uint8_t>(byte(3) & 0x7f),
                  .firmware_minor = byte(4),
                  .available = (byte(3) & 0x80) == 0,
                  // The lower digit is the one before the point.
                  .specification = fmt::format("{:x}.{:x}", byte(5) & 0x0f, byte(5) >> 4),
                  .has_event_log = (byte(6) & kEventLog) != 0,
                  .manufacturer_id = manufacturer,
                  .manufacturer = std::string(manufacturer_name(manufacturer.value_or(0))),
                  .product_id = product_of(response),
                  .auxiliary = {}};
  if (response.size() >= kAll) device.auxiliary = {byte(12), byte(13), byte(14), byte(15)};
  return device;
}

std::string version_text(const DeviceId& device) {
  if (device.firmware_major == 0 && device.firmware_minor == 0) return {};
  return fmt::format("{}.{:02x}{}", device.firmware_major, device.firmware_minor,
                     rest_of_version(device));
}

}  // namespace muster::ipmi
