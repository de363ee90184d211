#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "agent/probes/firmware/adapters/adapters.h"
#include "agent/probes/firmware/system_files.h"
#include "common/text.h"

namespace muster::firmware {
namespace {

// Documentation/ABI/stable/sysfs-class-infiniband.
constexpr std::string_view kDevices = "/sys/class/infiniband";

struct Maker {
  std::string_view driver;
  std::string_view name;
};

constexpr std::array kMakers = {
    Maker{"mlx4_core", "NVIDIA"}, Maker{"mlx5_core", "NVIDIA"}, Maker{"bnxt_en", "Broadcom"},
    Maker{"ice", "Intel"},        Maker{"i40e", "Intel"},       Maker{"qede", "Marvell"},
    Maker{"cxgb4", "Chelsio"},
};

std::string maker_of(std::string_view driver) {
  const auto* const maker =
      std::find_if(kMakers.begin(), kMakers.end(),
                   [driver](const Maker& each) { return each.driver == driver; });
  return maker == kMakers.end() ? std::string() : std::string(maker->name);
}

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
    component.set_vendor(maker_of(driver));
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
