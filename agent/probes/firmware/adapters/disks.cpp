#include <fmt/format.h>

#include <optional>
#include <utility>

#include "agent/probes/firmware/adapters/adapters.h"
#include "agent/probes/firmware/disks/inquiry.h"
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

// What the disk behind a translator says of itself; absent where the kernel does not keep it
// (before Linux 5.5), or it makes no sense, which is noted.
std::optional<AtaIdentity> ata_disk(SystemFiles& files, const std::string& path) {
  const std::string page = files.content(path);
  if (page.empty()) return std::nullopt;
  absl::StatusOr<AtaInformation> information = parse_ata_information(page);
  if (information.ok()) return std::move(information->disk);
  files.note(path, {information.status().message().data(), information.status().message().size()});
  return std::nullopt;
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
    component.set_source("sysfs");
    const std::string vendor = files.line(device + "/vendor");
    if (vendor != "ATA") {
      component.set_vendor(vendor);
      component.set_model(files.line(device + "/model"));
      component.set_version(revision);
      continue;
    }
    // Of a disk at SATA these are its translator's: four of the eight letters of its version, and
    // 16 of the 40 of its model. Page 89h of vital product data has the whole.
    const auto disk = ata_disk(files, device + "/vpd_pg89");
    component.set_model(disk ? disk->model : files.line(device + "/model"));
    if (disk) component.set_version(disk->firmware);
  }
  return found;
}

}  // namespace muster::firmware
