#include "agent/probes/hardware/parts/disks.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>
#include <string_view>

#include "agent/probes/firmware/disks/inquiry.h"
#include "agent/probes/hardware/numbers.h"
#include "agent/probes/probe_program.h"

namespace muster::hardware {
namespace {

constexpr std::string_view kBlockDevices = "/sys/block";
// Of /sys/block/*/size, whatever the disk itself has (Documentation/ABI/stable/sysfs-block).
constexpr uint64_t kSector = 512;

// With a device behind them too, and no disks: optical and floppy drives, images of Ceph, and the
// small parts of an eMMC that it is started from.
bool is_no_disk(std::string_view name) {
  constexpr std::array<std::string_view, 4> kOthers = {"sr", "fd", "rbd", "nbd"};
  return std::any_of(kOthers.begin(), kOthers.end(),
                     [name](std::string_view each) { return name.starts_with(each); }) ||
         (name.starts_with("mmcblk") && name.find("boot") != std::string_view::npos);
}

// Whose disks are made up, whatever adapter they are behind: VMware has one for SAS.
bool is_hypervisor(std::string_view vendor) {
  return vendor == "VMware" || vendor == "QEMU" || vendor == "Msft";
}

struct Way {
  std::string_view part;
  v1::DiskTransport transport;
};

// By what lies on the path of its device. The order counts: a disk of USB or virtio is SCSI behind.
constexpr std::array kWays = {
    Way{"/usb", v1::DISK_TRANSPORT_USB},         Way{"/session", v1::DISK_TRANSPORT_NETWORK},
    Way{"/rport-", v1::DISK_TRANSPORT_NETWORK},  Way{"/virtio", v1::DISK_TRANSPORT_VIRTUAL},
    Way{"/vbd-", v1::DISK_TRANSPORT_VIRTUAL},    Way{"/VMBUS", v1::DISK_TRANSPORT_VIRTUAL},
    Way{"/end_device-", v1::DISK_TRANSPORT_SAS}, Way{"/ata", v1::DISK_TRANSPORT_SATA},
    Way{"/mmc_host", v1::DISK_TRANSPORT_MMC},
};

class Disks {
 public:
  explicit Disks(MachineFiles& files) : files_(files) {}

  std::vector<FoundDisk> look() {
    for (const std::string& name : files_.list(std::string(kBlockDevices), kMostNames)) {
      const std::string block = fmt::format("{}/{}", kBlockDevices, name);
      // A path of an NVMe subsystem is hidden: its disk is there by itself.
      if (is_no_disk(name) || !files_.exists(block + "/device") ||
          files_.line(block + "/hidden") == "1") {
        continue;
      }
      add(name, block);
    }
    return std::move(disks_);
  }

 private:
  void add(const std::string& name, const std::string& block) {
    const std::string device = block + "/device";
    FoundDisk found{.disk = {}, .asked_as = name.starts_with("sd") ? name : ""};
    v1::Disk& disk = found.disk;
    disk.set_name(name);
    disk.set_model(files_.line(device + "/model"));
    if (name.starts_with("nvme")) {
      add_nvme(device, found);
    } else {
      const std::string path = probe::resolve_in_root(files_.root(), device);
      const auto* const way = std::find_if(kWays.begin(), kWays.end(), [&path](const Way& each) {
        return path.find(each.part) != std::string::npos;
      });
      disk.set_transport(way == kWays.end() ? v1::DISK_TRANSPORT_UNSPECIFIED : way->transport);
      add_scsi(block, disk);
    }
    // Bays from which a disk at SATA may be pulled make it a removable one (AHCI 1.3.1, PxCMD.ESP).
    if (files_.line(block + "/removable") == "1" && disk.transport() != v1::DISK_TRANSPORT_SATA)
      return;
    if (is_another_path(block)) return;
    disk.set_size_bytes(whole_number(files_.line(block + "/size")).value_or(0) * kSector);
    disk.set_rotational(files_.line(block + "/queue/rotational") == "1");
    disks_.push_back(std::move(found));
  }

  // The device is its controller or, where several may lead to it, a subsystem with links to these.
  void add_nvme(const std::string& device, FoundDisk& found) {
    found.asked_as = files_.link_name(device);
    std::string controller = device;
    if (found.asked_as.starts_with("nvme-subsys")) {
      found.asked_as.clear();
      for (const std::string& each : files_.list(device, kMostNames)) {
        if (!each.starts_with("nvme") || !whole_number(each.substr(4))) continue;
        found.asked_as = each;
        controller = fmt::format("{}/{}", device, each);
        break;
      }
    }
    const std::string transport = files_.line(controller + "/transport");
    // Kernels before 4.15 do not have the file.
    found.disk.set_transport(transport.empty() || transport == "pcie" ? v1::DISK_TRANSPORT_NVME
                                                                      : v1::DISK_TRANSPORT_NETWORK);
    found.disk.set_serial(files_.line(device + "/serial"));
  }

  // Of SCSI, which SATA is to Linux too, and of what has a serial number in a file (virtio, MMC).
  void add_scsi(const std::string& block, v1::Disk& disk) {
    const std::string device = block + "/device";
    const std::string vendor = files_.line(device + "/vendor");
    if (vendor == "ATA") {
      disk.set_transport(v1::DISK_TRANSPORT_SATA);
      // The translator's model has 16 letters of 40: page 89h of vital product data has the whole.
      const auto page = firmware::parse_ata_information(files_.content(device + "/vpd_pg89"));
      if (page.ok()) {
        disk.set_model(page->disk.model);
        disk.set_serial(page->disk.serial);
        return;
      }
    } else if (!vendor.starts_with("0x")) {
      // virtio's is a number.
      disk.set_vendor(vendor);
      if (is_hypervisor(vendor)) disk.set_transport(v1::DISK_TRANSPORT_VIRTUAL);
    }
    const auto serial = firmware::parse_unit_serial(files_.content(device + "/vpd_pg80"));
    if (serial.ok()) disk.set_serial(*serial);
    for (const char* const file : {"/serial", "/device/serial"}) {
      if (disk.serial().empty()) disk.set_serial(files_.line(block + file));
    }
    if (disk.model().empty()) disk.set_model(files_.line(device + "/name"));
  }

  bool is_another_path(const std::string& block) {
    for (const std::string& holder : files_.list(block + "/holders", kMostNames)) {
      const std::string uuid = files_.line(fmt::format("{}/{}/dm/uuid", kBlockDevices, holder));
      if (uuid.starts_with("mpath-")) return !multipaths_.insert(holder).second;
    }
    return false;
  }

  MachineFiles& files_;
  std::vector<FoundDisk> disks_;
  std::set<std::string> multipaths_;
};

}  // namespace

std::vector<FoundDisk> look_at_disks(MachineFiles& files) {
  return Disks(files).look();
}

}  // namespace muster::hardware
