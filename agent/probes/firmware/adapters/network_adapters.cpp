#include <fmt/format.h>

#include <algorithm>

#include "agent/probes/firmware/adapters/adapters.h"
#include "agent/probes/firmware/adapters/network_makers.h"
#include "agent/probes/firmware/system_files.h"
#include "common/text.h"

namespace muster::firmware {
namespace {

// Documentation/ABI/stable/sysfs-class-infiniband.
constexpr std::string_view kDevices = "/sys/class/infiniband";

}  // namespace

Found look_at_network_adapters(const std::string& root) {
  Found found;
  SystemFiles files(root, found.unreadable);
  for (const std::string& name : files.list(std::string(kDevices))) {
    const std::string directory = fmt::format("{}/{}", kDevices, name);
    const std::string address = files.pci_address(directory + "/device");
    // RDMA over any interface (rxe, siw): software.
    if (address.empty()) continue;
    const std::string driver = files.pci_driver(address);
    v1::FirmwareComponent& component = found.components.emplace_back();
    component.set_kind(v1::FIRMWARE_KIND_NETWORK);
    component.set_name(address);
    component.set_vendor(std::string(
        network_maker(files.line(fmt::format("/sys/bus/pci/devices/{}/vendor", address)))));
    // NVIDIA has an image for each board ("MT_0000000012"), not for each processor.
    const std::string type = files.line(directory + "/hca_type");
    const std::string board = files.line(directory + "/board_id");
    component.set_model(std::string(trim(type + " " + board)));
    if (component.model().empty()) component.set_model(driver);
    component.set_version(files.line(directory + "/fw_ver"));
    component.set_source("sysfs");
  }
  std::sort(found.components.begin(), found.components.end(),
            [](const auto& one, const auto& other) { return one.name() < other.name(); });
  return found;
}

}  // namespace muster::firmware
