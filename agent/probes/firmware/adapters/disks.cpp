#include <fmt/format.h>

#include <algorithm>

#include "agent/probes/firmware/adapters/adapters.h"
#include "agent/probes/firmware/system_files.h"
#include "agent/probes/probe_program.h"

namespace muster::firmware {
namespace {

constexpr std::string_view kBlockDevices = "/sys/block";

// What is plugged in and pulled out, or another machine's: by the path of its device.
bool is_of_the_machine(std::string_view path) {
  return path.find("/usb") == std::string_view::npos &&
         path.find("/session") == std::string_view::npos &&
         path.find("/rport-") == std::string_view::npos;
}

}  // namespace

Found look_at_disks(const std::string& root) {
  Found found;
  SystemFiles files(root, found.unreadable);
  for (const std::string& name : files.list(std::string(kBlockDevices))) {
    const std::string device = fmt::format("{}/{}/device", kBlockDevices, name);
    // Of SCSI, which SATA is to Linux too. Removable ones are optical drives and readers of cards.
    const std::string revision = files.line(device + "/rev");
    if (revision.empty() || files.line(fmt::format("{}/{}/removable", kBlockDevices, name)) == "1")
      continue;
    if (!is_of_the_machine(probe::resolve_in_root(root, device))) continue;
    v1::FirmwareComponent& component = found.components.emplace_back();
    component.set_kind(v1::FIRMWARE_KIND_DISK);
    component.set_name(name);
    component.set_model(files.line(device + "/model"));
    component.set_source("sysfs");
    // Of a disk at SATA both are libata's: its revision is four of eight letters.
    const std::string vendor = files.line(device + "/vendor");
    if (vendor == "ATA") continue;
    component.set_vendor(vendor);
    component.set_version(revision);
  }
  return found;
}

}  // namespace muster::firmware
