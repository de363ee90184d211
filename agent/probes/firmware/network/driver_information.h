// What a network driver tells by ETHTOOL_GDRVINFO (struct ethtool_drvinfo of linux/ethtool.h): the
// firmware of adapters whose drivers have no devlink. Pure; any thread.
#pragma once

#include <absl/status/statusor.h>

#include <string>
#include <string_view>

namespace muster::firmware {

// Texts are printable and without blanks around them; empty where the driver tells none.
struct DriverInformation {
  // "igb"
  std::string driver;
  // Of the driver: the kernel's own where it has none.
  std::string version;
  // "3.25, 0x80000681, 1.3.0"
  std::string firmware_version;
  // It fills its field: its end may be missing. What begins alike is not the same, then.
  bool may_be_cut = false;
  // "0000:3b:00.0"; other words for what is at no bus.
  std::string bus;
};

// Of the struct as the kernel fills it. InvalidArgument where it is shorter.
absl::StatusOr<DriverInformation> parse_driver_information(std::string_view bytes);

}  // namespace muster::firmware
