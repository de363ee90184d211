// What drivers of network adapters tell of them and of their firmware by devlink (linux/devlink.h,
// Documentation/networking/devlink/devlink-info.rst). Pure; any thread.
#pragma once

#include <absl/status/statusor.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "agent/probes/netlink_messages.h"

namespace muster::firmware {

// Each function of an adapter is one, virtual ones too: an adapter may have a thousand.
inline constexpr size_t kMostDevlinkDevices = 4096;
// In each of a device's three lists.
inline constexpr size_t kMostDevlinkVersions = 64;
inline constexpr size_t kLongestDevlinkText = 128;

// "fw.mgmt", "8.15.4". Texts here are printable and without blanks around them.
struct DevlinkVersion {
  std::string name;
  std::string value;
  bool operator==(const DevlinkVersion&) const = default;
};

struct DevlinkDevice {
  // "pci", "0000:3b:00.0"
  std::string bus;
  std::string name;
  // "mlx5_core". Here and below empty where it is not told.
  std::string driver;
  std::string serial_number;
  std::string board_serial_number;
  // What the board is, and what of it nobody can update: "board.id", "fw.psid".
  std::vector<DevlinkVersion> fixed;
  std::vector<DevlinkVersion> running;
  // In its flash, those that run among them: what runs after the next reset. Empty: the driver
  // does not tell what waits.
  std::vector<DevlinkVersion> stored;
};

struct DevlinkDump {
  std::vector<DevlinkDevice> devices;
  // More than kMostDevlinkDevices.
  size_t omitted = 0;
  // Devices came or went meanwhile: some may be missing, or here twice. To be asked again.
  bool interrupted = false;
};

// What asks for all devices: DEVLINK_CMD_INFO_GET to the number of the family "devlink".
std::string devlink_request(uint16_t family);

// Adds what one datagram of the answer tells; devices are whole in one message. InvalidArgument if
// it is no such answer, the kernel's error if it says one: then what was added is not all.
absl::StatusOr<netlink::Step> parse_devlink_dump(std::string_view datagram, uint16_t family,
                                                 DevlinkDump& dump);

}  // namespace muster::firmware
