// What a management controller is and which firmware it runs: the response to Get Device ID (IPMI
// 2.0 revision 1.1, 20.1, table 20-2). Pure; any thread.
#pragma once

#include <absl/status/statusor.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace muster::ipmi {

struct DeviceId {
  // The vendor's number for the kind of device; 0: none.
  uint8_t device_id = 0;
  // Of the hardware, 0 to 15.
  uint8_t device_revision = 0;
  // Of the firmware: 0 to 127, and two decimal digits as they are written in hexadecimal: 2.09 has
  // 0x09, 2.54 has 0x54.
  uint8_t firmware_major = 0;
  uint8_t firmware_minor = 0;
  // Whether it does all its work; else it is starting or being updated.
  bool available = false;
  // Of the specification: "2.0".
  std::string specification;
  // Whether it keeps a log of events (SEL).
  bool has_event_log = false;
  // IANA's number; unset where it says none.
  std::optional<uint32_t> manufacturer_id;
  // Its name where it is well known (manufacturers.h), else empty.
  std::string manufacturer;
  // The vendor's number for what it is in; unset where it says none.
  std::optional<uint16_t> product_id;
  // Four bytes of the vendor's, which a controller may leave out.
  std::optional<std::array<uint8_t, 4>> auxiliary;
};

// The response with its completion code. Unavailable where that is an error, with it in words;
// InvalidArgument where the response is cut short.
absl::StatusOr<DeviceId> parse_device_id(std::string_view response);

// The firmware's version as ipmitool writes it, "2.54", or, where the vendor is known to have the
// rest of it in the four bytes, as the vendor does: "3.30.30.30" of Dell, "13.05.09" of GIGABYTE.
// Empty where the controller says 0.00: it does not know yet.
std::string version_text(const DeviceId& device);

}  // namespace muster::ipmi
