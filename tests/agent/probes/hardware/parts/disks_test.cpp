#include "agent/probes/hardware/parts/disks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/agent/probes/hardware/hardware_machine.h"

namespace muster::hardware {
namespace {

using test::HardwareMachine;
using ::testing::ElementsAre;

class DisksTest : public ::testing::Test {
 protected:
  std::vector<FoundDisk> look() {
    MachineFiles files(machine_.root(), unreadable_);
    return look_at_disks(files);
  }
  std::vector<std::string> names() {
    std::vector<std::string> names;
    for (const FoundDisk& each : look())
      names.push_back(each.disk.name());
    return names;
  }

  HardwareMachine machine_;
  std::vector<v1::UnreadableSource> unreadable_;
};

TEST_F(DisksTest, WhatTheKernelMakesOfOthersIsNone) {
  for (const char* const name : {"loop0", "ram0", "zram0", "dm-0", "md0", "zd0", "drbd0", "nbd0"})
    machine_.add_virtual_block(name, {{"size", "2048"}, {"removable", "0"}});
  // With a device behind them.
  for (const char* const name : {"rbd0", "sr0", "fd0", "mmcblk0boot0"})
    machine_.add_files(std::string("/sys/block/") + name, {{"device/model", "x"}});
  machine_.add_sata_disk("sda", "0:0:0:0", "INTEL SSDSC2KG48", "937703088");
  EXPECT_THAT(names(), ElementsAre("sda"));
}

TEST_F(DisksTest, ThatAreAmongTooManyNamesAreNotKnown) {
  machine_.add_sata_disk("sda", "0:0:0:0", "INTEL SSDSC2KG48", "937703088");
  machine_.files().make_directory("/sys/block");
  for (size_t i = 1; i < kMostNames; ++i)
    machine_.files().link(fmt::format("/sys/block/loop{}", i), "nowhere");
  EXPECT_THAT(names(), ElementsAre("sda"));
  EXPECT_TRUE(unreadable_.empty());
  machine_.files().link("/sys/block/loop0", "nowhere");
  EXPECT_TRUE(names().empty());
  ASSERT_EQ(unreadable_.size(), 1);
  EXPECT_EQ(unreadable_[0].path(), "/sys/block");
  EXPECT_EQ(unreadable_[0].error(), "there are more than 16384 entries");
}

TEST_F(DisksTest, WhatCanBePulledOutIsNoneExceptAtSata) {
  machine_.add_sata_disk("sda", "0:0:0:0", "INTEL SSDSC2KG48", "937703088");
  machine_.add_files("/sys/block/sda", {{"removable", "1"}});
  machine_.add_disk("sdb", "0000:00:14.0", "/usb1/1-1/1-1:1.0/host2/target2:0:0/2:0:0:0", "1",
                    {{"vendor", "SanDisk "}, {"model", "Ultra           "}});
  machine_.add_disk("sdc", "0000:00:14.0", "/usb1/1-2/1-2:1.0/host3/target3:0:0/3:0:0:0", "0",
                    {{"vendor", "WD      "}, {"model", "Elements        "}});
  EXPECT_THAT(names(), ElementsAre("sda", "sdc"));
}

TEST_F(DisksTest, PathsToOneDiskAreOne) {
  machine_.add_path("sdb", "8:16", "1:0:0", "running");
  machine_.add_path("sdc", "8:32", "2:0:0", "running");
  machine_.add_path("sdd", "8:48", "1:0:1", "running");
  machine_.add_mapping("dm-0", "mpatha", "mpath-3600a098038303053743f463045727a36", {"sdb", "sdc"});
  EXPECT_THAT(names(), ElementsAre("sdb", "sdd"));
}

struct TransportCase {
  const char* path;
  const char* vendor;
  v1::DiskTransport transport;
};

TEST_F(DisksTest, TransportIsWhatLiesOnTheWay) {
  const TransportCase cases[] = {
      {"/ata1/host0/target0:0:0/0:0:0:0", "ATA", v1::DISK_TRANSPORT_SATA},
      {"/host0/port-0:1/end_device-0:1/target0:0:1/0:0:1:0", "SEAGATE", v1::DISK_TRANSPORT_SAS},
      // SATA behind an adapter for SAS.
      {"/host0/port-0:2/end_device-0:2/target0:0:2/0:0:2:0", "ATA", v1::DISK_TRANSPORT_SATA},
      {"/usb1/1-1/1-1:1.0/host4/target4:0:0/4:0:0:0", "WD", v1::DISK_TRANSPORT_USB},
      {"/virtio0/host5/target5:0:0/5:0:0:0", "QEMU", v1::DISK_TRANSPORT_VIRTUAL},
      {"/host6/rport-6:0-0/target6:0:0/6:0:0:0", "NETAPP", v1::DISK_TRANSPORT_NETWORK},
      {"/host7/session1/target7:0:0/7:0:0:0", "LIO-ORG", v1::DISK_TRANSPORT_NETWORK},
      {"/host9/port-9:0/end_device-9:0/target9:0:0/9:0:0:0", "VMware", v1::DISK_TRANSPORT_VIRTUAL},
      // A volume of a RAID adapter.
      {"/host8/target8:2:0/8:2:0:0", "DELL", v1::DISK_TRANSPORT_UNSPECIFIED},
  };
  char letter = 'a';
  for (const TransportCase& each : cases) {
    machine_.add_disk(std::string("sd") + letter++, "0000:18:00.0", each.path, "0",
                      {{"vendor", each.vendor}, {"model", "x"}});
  }
  const std::vector<FoundDisk> disks = look();
  ASSERT_EQ(disks.size(), std::size(cases));
  for (size_t i = 0; i < disks.size(); ++i) {
    EXPECT_EQ(disks[i].disk.transport(), cases[i].transport) << cases[i].path;
    EXPECT_EQ(disks[i].asked_as, disks[i].disk.name()) << cases[i].path;
  }
}

TEST_F(DisksTest, ADriveOverAFabricIsAnothersAndItsSubsystemIsAskedByAController) {
  machine_.add_device("nvme", "nvme3", "0000:65:00.0", {{"transport", "tcp"}});
  const std::string subsystem = "/sys/devices/virtual/nvme-subsystem/nvme-subsys0";
  machine_.add_files(subsystem, {{"model", "Linux"}, {"serial", "a1b2"}});
  machine_.add_files(subsystem + "/nvme0n1", {{"size", "8"}, {"removable", "0"}});
  machine_.files().link(subsystem + "/nvme3",
                        "../../../pci0000:00/0000:00:02.0/0000:65:00.0/nvme/nvme3");
  machine_.files().link(subsystem + "/nvme0n1/device", "../../nvme-subsys0");
  machine_.files().link("/sys/block/nvme0n1",
                        "../devices/virtual/nvme-subsystem/nvme-subsys0/nvme0n1");
  const std::vector<FoundDisk> disks = look();
  ASSERT_EQ(disks.size(), 1);
  EXPECT_EQ(disks[0].asked_as, "nvme3");
  EXPECT_EQ(disks[0].disk.transport(), v1::DISK_TRANSPORT_NETWORK);
  EXPECT_EQ(disks[0].disk.serial(), "a1b2");
  EXPECT_EQ(disks[0].disk.size_bytes(), 4096);
}

TEST_F(DisksTest, SerialNumbersComeFromVitalProductData) {
  machine_.add_disk("sda", "0000:18:00.0", "/host0/end_device-0:1/target0:0:1/0:0:1:0", "0",
                    {{"vendor", "SEAGATE "}, {"model", "ST1200MM0009    "}});
  machine_.files().write("/sys/block/sda/device/vpd_pg80",
                         std::string("\x00\x80\x00\x08S0K0A1BC", 12));
  // Page 80h that is cut off tells nothing.
  machine_.add_disk("sdb", "0000:18:00.0", "/host0/end_device-0:2/target0:0:2/0:0:2:0", "0",
                    {{"vendor", "SEAGATE "}, {"model", "ST1200MM0009    "}});
  machine_.files().write("/sys/block/sdb/device/vpd_pg80", std::string("\x00\x80\x00\x08S0", 6));
  const std::vector<FoundDisk> disks = look();
  ASSERT_EQ(disks.size(), 2);
  EXPECT_EQ(disks[0].disk.serial(), "S0K0A1BC");
  EXPECT_EQ(disks[1].disk.serial(), "");
}

}  // namespace
}  // namespace muster::hardware
