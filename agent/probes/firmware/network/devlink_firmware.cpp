#include "agent/probes/firmware/network/devlink_firmware.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace muster::firmware {
namespace {

constexpr std::array<std::string_view, 5> kNames = {"fw", "fw.version", "fw.mgmt", "fw.bundle_id",
                                                    "fw.app"};

// Its value; empty: it is not in the list. Each is there once (devlink-info.rst).
std::string value_of(const std::vector<DevlinkVersion>& versions, std::string_view name) {
  const auto found = std::find_if(versions.begin(), versions.end(),
                                  [name](const DevlinkVersion& each) { return each.name == name; });
  return found == versions.end() ? std::string() : found->value;
}

}  // namespace

DevlinkFirmware firmware_of(const DevlinkDevice& device) {
  for (const std::vector<DevlinkVersion>* const list : {&device.running, &device.stored}) {
    for (const std::string_view name : kNames) {
      if (value_of(*list, name).empty()) continue;
      DevlinkFirmware firmware{.name = std::string(name),
                               .running = value_of(device.running, name),
                               .next = value_of(device.stored, name)};
      firmware.tells_next = !firmware.next.empty();
      if (firmware.next == firmware.running) firmware.next.clear();
      return firmware;
    }
  }
  return {};
}

std::vector<WaitingVersion> waiting_of(const DevlinkDevice& device) {
  std::vector<WaitingVersion> waiting;
  for (const DevlinkVersion& stored : device.stored) {
    if (stored.name != "fw" && !stored.name.starts_with("fw.")) continue;
    std::string running = value_of(device.running, stored.name);
    if (running.empty() || running == stored.value) continue;
    waiting.push_back({stored.name, std::move(running), stored.value});
  }
  return waiting;
}

}  // namespace muster::firmware
