#include <fmt/format.h>

#include "agent/probes/firmware/adapters/adapters.h"
#include "agent/probes/firmware/system_files.h"

namespace muster::firmware {
namespace {

constexpr std::string_view kDrives = "/sys/class/nvme";

}  // namespace

Found look_at_nvme_drives(const std::string& root) {
  Found found;
  SystemFiles files(root, found.unreadable);
  for (const std::string& name : files.list(std::string(kDrives))) {
    const std::string directory = fmt::format("{}/{}", kDrives, name);
    const std::string transport = files.line(directory + "/transport");
    // Kernels before 4.15 do not have the file, nor fabrics that are worth it.
    if (!transport.empty() && transport != "pcie") continue;
    v1::FirmwareComponent& component = found.components.emplace_back();
    component.set_kind(v1::FIRMWARE_KIND_NVME);
    component.set_name(name);
    component.set_model(files.line(directory + "/model"));
    component.set_version(files.line(directory + "/firmware_rev"));
    component.set_source("sysfs");
  }
  return found;
}

}  // namespace muster::firmware
