#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "agent/probes/firmware/adapters/adapters.h"
#include "agent/probes/firmware/system_files.h"

namespace muster::firmware {
namespace {

constexpr std::string_view kHosts = "/sys/class/scsi_host";

// Where a driver tells the firmware of its adapter: names of files in the directory of the SCSI
// host, as drivers/scsi of Linux 6.12 has them. Empty: it does not tell.
struct Driver {
  std::string_view name;
  // The maker, where the driver is of one maker alone and has no file for it.
  std::string_view maker;
  std::string_view version_file;
  std::string_view model_file;
  std::string_view vendor_file = {};
};

constexpr std::array kDrivers = {
    Driver{"mpt3sas", "Broadcom", "version_fw", "board_name"},
    Driver{"mpi3mr", "Broadcom", "version_fw", ""},
    // Its tools ask the adapter by ioctl.
    Driver{"megaraid_sas", "Broadcom", "", ""},
    Driver{"smartpqi", "Microchip", "firmware_version", "model", "vendor"},
    Driver{"hpsa", "HPE", "firmware_revision", ""},
    Driver{"aacraid", "Adaptec", "hba_kernel_version", "model", "vendor"},
    Driver{"arcmsr", "Areca", "host_fw_version", "host_fw_model"},
    Driver{"lpfc", "Emulex", "fwrev", "modelname"},
    Driver{"qla2xxx", "QLogic", "fw_version", "model_name"},
};

}  // namespace

Found look_at_storage_controllers(const std::string& root) {
  Found found;
  SystemFiles files(root, found.unreadable);
  std::set<std::string> seen;
  for (const std::string& host : files.list(std::string(kHosts))) {
    const std::string directory = fmt::format("{}/{}", kHosts, host);
    const std::string address = files.pci_address(directory);
    // Without one it is a bus of software (iSCSI, USB). Twice: a virtual port, or another channel
    // of the adapter.
    if (address.empty() || !seen.insert(address).second) continue;
    const std::string name = files.pci_driver(address);
    const auto* const driver =
        std::find_if(kDrivers.begin(), kDrivers.end(),
                     [&name](const Driver& each) { return each.name == name; });
    if (driver == kDrivers.end()) continue;
    const auto told = [&files, &directory](std::string_view file) {
      return file.empty() ? std::string() : files.line(fmt::format("{}/{}", directory, file));
    };
    v1::FirmwareComponent& component = found.components.emplace_back();
    component.set_kind(v1::FIRMWARE_KIND_STORAGE_CONTROLLER);
    component.set_name(address);
    component.set_vendor(told(driver->vendor_file));
    if (component.vendor().empty()) component.set_vendor(std::string(driver->maker));
    component.set_model(told(driver->model_file));
    if (component.model().empty()) component.set_model(name);
    component.set_version(told(driver->version_file));
    component.set_source("sysfs");
  }
  std::sort(found.components.begin(), found.components.end(),
            [](const auto& one, const auto& other) { return one.name() < other.name(); });
  return found;
}

}  // namespace muster::firmware
