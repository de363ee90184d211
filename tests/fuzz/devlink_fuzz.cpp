// Any bytes as what the kernel answers of network adapters: which family of netlink devlink is, its
// devices in one datagram after another, and a driver's own words.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "agent/probes/firmware/network/devlink.h"
#include "agent/probes/firmware/network/devlink_firmware.h"
#include "agent/probes/firmware/network/driver_information.h"
#include "agent/probes/firmware/network/generic_netlink.h"
#include "common/text.h"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

void check(const std::string& text) {
  require(text.size() <= muster::firmware::kLongestDevlinkText);
  require(muster::printable(text, muster::firmware::kLongestDevlinkText) == text);
}

void check(const std::vector<muster::firmware::DevlinkVersion>& versions) {
  require(versions.size() <= muster::firmware::kMostDevlinkVersions);
  for (const auto& each : versions) {
    check(each.name);
    check(each.value);
    require(!each.name.empty() && !each.value.empty());
  }
}

void check(const muster::firmware::DevlinkDevice& device) {
  check(device.bus);
  check(device.name);
  require(!device.bus.empty() && !device.name.empty());
  check(device.driver);
  check(device.serial_number);
  check(device.board_serial_number);
  check(device.fixed);
  check(device.running);
  check(device.stored);
  const muster::firmware::DevlinkFirmware firmware = muster::firmware::firmware_of(device);
  require(firmware.next.empty() || firmware.next != firmware.running);
  require(firmware.next.empty() || firmware.tells_next);
  require(muster::firmware::waiting_of(device).size() <= device.stored.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace muster::firmware;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  constexpr uint16_t kFamily = 20;
  DevlinkDump dump;
  // The same twice, as two datagrams.
  for (int i = 0; i < 2; ++i)
    static_cast<void>(parse_devlink_dump(bytes, kFamily, dump));
  require(dump.devices.size() <= kMostDevlinkDevices);
  for (const DevlinkDevice& device : dump.devices)
    check(device);
  const auto family = parse_family(bytes, "devlink");
  require(!family.ok() || *family >= 16);
  const auto driver = parse_driver_information(bytes);
  if (driver.ok()) {
    check(driver->driver);
    check(driver->version);
    check(driver->firmware_version);
    check(driver->bus);
  }
  return 0;
}
