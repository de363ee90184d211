#include "agent/probes/firmware/adapters/adapters.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>

#include "agent/probes/firmware/system_files.h"
#include "tests/agent/probes/firmware/disks/disk_builder.h"
#include "tests/agent/probes/firmware/machine.h"

namespace muster::firmware {
namespace {

using test::Machine;

TEST(StorageControllers, AreToldByTheirDriversOnceForEachAdapter) {
  Machine machine;
  machine.add_pci_device("0000:3b:00.0", "mpt3sas");
  machine.add_scsi_host("host0", "0000:3b:00.0",
                        {{"version_fw", "16.00.11.00"}, {"board_name", "SAS9300-8i"}});
  machine.add_pci_device("0000:5e:00.0", "lpfc");
  machine.add_scsi_host("host1", "0000:5e:00.0",
                        {{"fwrev", "12.8.614.2, sli-4:2:c"}, {"modelname", "LPe35002-M2"}});
  // A virtual port of it.
  machine.add_scsi_host("host2", "0000:5e:00.0", {{"fwrev", "12.8.614.2, sli-4:2:c"}});
  machine.add_pci_device("0000:18:00.0", "smartpqi");
  machine.add_scsi_host(
      "host3", "0000:18:00.0",
      {{"firmware_version", "5.61"}, {"model", "P408i-a SR Gen10"}, {"vendor", "HPE"}});
  // The ports of a chipset have no firmware of their own.
  machine.add_pci_device("0000:00:17.0", "ahci");
  machine.add_scsi_host("host4", "0000:00:17.0", {});

  const Found found = look_at_storage_controllers(machine.root());
  ASSERT_EQ(found.components.size(), 3u);
  EXPECT_TRUE(found.unreadable.empty());
  const auto expect = [&found](size_t index, std::string_view name, std::string_view vendor,
                               std::string_view model, std::string_view version) {
    const v1::FirmwareComponent& each = found.components[index];
    EXPECT_EQ(each.kind(), v1::FIRMWARE_KIND_STORAGE_CONTROLLER);
    EXPECT_EQ(each.name(), name);
    EXPECT_EQ(each.vendor(), vendor);
    EXPECT_EQ(each.model(), model);
    EXPECT_EQ(each.version(), version);
    EXPECT_FALSE(each.tells_next());
  };
  expect(0, "0000:18:00.0", "HPE", "P408i-a SR Gen10", "5.61");
  expect(1, "0000:3b:00.0", "Broadcom", "SAS9300-8i", "16.00.11.00");
  expect(2, "0000:5e:00.0", "Emulex", "LPe35002-M2", "12.8.614.2, sli-4:2:c");
}

TEST(StorageControllers, OfADriverThatTellsNoVersionAreThereWithoutOne) {
  Machine machine;
  machine.add_pci_device("10000:01:00.0", "megaraid_sas");
  machine.add_scsi_host("host0", "10000:01:00.0", {});
  const Found found = look_at_storage_controllers(machine.root());
  ASSERT_EQ(found.components.size(), 1u);
  EXPECT_EQ(found.components[0].name(), "10000:01:00.0");
  EXPECT_EQ(found.components[0].model(), "megaraid_sas");
  EXPECT_EQ(found.components[0].version(), "");
}

TEST(StorageControllers, ThatCannotBeReadAreSaid) {
  Machine machine;
  machine.add_pci_device("0000:3b:00.0", "mpt3sas");
  machine.add_scsi_host("host0", "0000:3b:00.0", {{"version_fw", std::string(5000, '1')}});
  const Found found = look_at_storage_controllers(machine.root());
  ASSERT_EQ(found.components.size(), 1u);
  EXPECT_EQ(found.components[0].version(), "");
  ASSERT_EQ(found.unreadable.size(), 1u);
  EXPECT_EQ(found.unreadable[0].path(), "/sys/class/scsi_host/host0/version_fw");
}

TEST(StorageControllers, BeyondTheirBoundAreNotGuessedAt) {
  const test::TestRoot root;
  for (size_t i = 0; i <= kMostEntries; ++i)
    root.make_directory(fmt::format("/sys/class/scsi_host/host{}", i));
  const Found found = look_at_storage_controllers(root.path());
  EXPECT_TRUE(found.components.empty());
  ASSERT_EQ(found.unreadable.size(), 1u);
  EXPECT_EQ(found.unreadable[0].error(), "there are more than 256 entries");
}

TEST(Graphics, OfNvidiaAndAmdTellTheirVideoBios) {
  Machine machine;
  machine.files().write("/proc/driver/nvidia/gpus/0000:af:00.0/information",
                        "Model: \t\t NVIDIA A100-PCIE-40GB\nIRQ:   \t\t 183\n"
                        "Video BIOS: \t 92.00.25.00.08\nBus Type: \t PCIe\n");
  // Before the card was first used the driver does not know.
  machine.files().write("/proc/driver/nvidia/gpus/0000:d8:00.0/information",
                        "Model: \t\t NVIDIA A100-PCIE-40GB\nVideo BIOS: \t ??.??.??.??.??\n");
  machine.add_pci_device("0000:03:00.0", "amdgpu");
  machine.files().write("/sys/devices/pci0000:00/0000:00:02.0/0000:03:00.0/vbios_version",
                        "113-D67301-063\n");
  machine.files().link("/sys/devices/pci0000:00/0000:00:02.0/0000:03:00.0/drm/card1/device",
                       "../..");
  machine.files().link("/sys/class/drm/card1",
                       "../../devices/pci0000:00/0000:00:02.0/0000:03:00.0/drm/card1");
  machine.files().make_directory("/sys/class/drm/card1-HDMI-A-1");
  // A virtual one.
  machine.files().make_directory("/sys/class/drm/card0/device");

  const Found found = look_at_graphics(machine.root());
  ASSERT_EQ(found.components.size(), 3u);
  EXPECT_EQ(found.components[0].name(), "0000:03:00.0");
  EXPECT_EQ(found.components[0].vendor(), "AMD");
  EXPECT_EQ(found.components[0].version(), "113-D67301-063");
  EXPECT_EQ(found.components[1].name(), "0000:af:00.0");
  EXPECT_EQ(found.components[1].model(), "NVIDIA A100-PCIE-40GB");
  EXPECT_EQ(found.components[1].version(), "92.00.25.00.08");
  EXPECT_EQ(found.components[2].name(), "0000:d8:00.0");
  EXPECT_EQ(found.components[2].version(), "");
}

TEST(Tpms, TellTheirVersionWhereTheKernelDoes) {
  const test::TestRoot root;
  root.write("/sys/class/tpm/tpm0/caps",
             "Manufacturer: 0x49465800\nTCG version: 1.2\nFirmware version: 133.32\n");
  root.write("/sys/class/tpm/tpm1/tpm_version_major", "2\n");
  const Found found = look_at_tpms(root.path());
  ASSERT_EQ(found.components.size(), 2u);
  EXPECT_EQ(found.components[0].model(), "TPM 1.2");
  EXPECT_EQ(found.components[0].version(), "133.32");
  EXPECT_EQ(found.components[1].model(), "TPM 2.0");
  EXPECT_EQ(found.components[1].version(), "");
}

TEST(NvmeDrives, AtPciExpressTellTheirVersion) {
  Machine machine;
  machine.add_device("nvme", "nvme0", "0000:5e:00.0",
                     {{"model", "SAMSUNG MZQL21T9HCJR-00A07               "},
                      {"firmware_rev", "GDC5602Q"},
                      {"transport", "pcie"}});
  // Of a kernel that does not say how it is connected.
  machine.add_device("nvme", "nvme1", "0000:5f:00.0",
                     {{"model", "INTEL SSDPE2KX010T8"}, {"firmware_rev", "VDV10184"}});
  // An array in another room.
  machine.add_device("nvme", "nvme2", "0000:60:00.0",
                     {{"model", "Linux"}, {"firmware_rev", "6.1.0"}, {"transport", "tcp"}});
  const Found found = look_at_nvme_drives(machine.root());
  ASSERT_EQ(found.components.size(), 2u);
  EXPECT_EQ(found.components[0].kind(), v1::FIRMWARE_KIND_NVME);
  EXPECT_EQ(found.components[0].name(), "nvme0");
  EXPECT_EQ(found.components[0].model(), "SAMSUNG MZQL21T9HCJR-00A07");
  EXPECT_EQ(found.components[0].version(), "GDC5602Q");
  EXPECT_FALSE(found.components[0].tells_next());
  EXPECT_EQ(found.components[1].version(), "VDV10184");
}

TEST(Disks, OfTheMachineTellTheirRevision) {
  Machine machine;
  const auto disk = [&machine](const std::string& name, const std::string& path,
                               const std::string& vendor, const std::string& model,
                               const std::string& revision, const std::string& removable = "0") {
    machine.add_disk(name, "0000:18:00.0", path, removable,
                     {{"vendor", vendor}, {"model", model}, {"rev", revision}});
  };
  disk("sda", "/host0/target0:2:0/0:2:0:0", "DELL    ", "PERC H730 Mini  ", "4.30");
  disk("sdb", "/host0/port-0:0/end_device-0:0/target0:0:1/0:0:1:0", "SEAGATE ", "ST1200MM0009    ",
       "N004");
  // Four of the letters "SC2ABP0Q" are no version.
  disk("sdc", "/ata1/host1/target1:0:0/1:0:0:0", "ATA     ", "SAMSUNG MZ7LH480", "BP0Q");
  disk("sdd", "/usb1/1-1/1-1:1.0/host2/target2:0:0/2:0:0:0", "SanDisk ", "Ultra", "1.00");
  disk("sde", "/host3/rport-3:0-1/target3:0:0/3:0:0:0", "NETAPP  ", "LUN C-Mode      ", "9800");
  disk("sdf", "/platform/host4/session1/target4:0:0/4:0:0:0", "LIO-ORG ", "disk", "4.0");
  disk("sr0", "/host5/target5:0:0/5:0:0:0", "TEAC    ", "DVD-ROM DV-28SW ", "R.2A", "1");
  const Found found = look_at_disks(machine.root());
  ASSERT_EQ(found.components.size(), 3u);
  EXPECT_EQ(found.components[0].vendor(), "DELL");
  EXPECT_EQ(found.components[0].model(), "PERC H730 Mini");
  EXPECT_EQ(found.components[0].version(), "4.30");
  EXPECT_EQ(found.components[1].name(), "sdb");
  EXPECT_EQ(found.components[1].version(), "N004");
  EXPECT_EQ(found.components[2].name(), "sdc");
  EXPECT_EQ(found.components[2].vendor(), "");
  EXPECT_EQ(found.components[2].version(), "");
}

TEST(Disks, AtSataTellTheirVersionInTheirOwnPage) {
  Machine machine;
  const std::string path = "/ata1/host1/target1:0:0/1:0:0:0";
  const std::string page = "/sys/devices/pci0000:00/0000:00:02.0/0000:00:17.0" + path + "/vpd_pg89";
  machine.add_disk("sda", "0000:00:17.0", path, "0",
                   {{"vendor", "ATA     "}, {"model", "WDC WUH721414ALE"}, {"rev", "0A83"}});
  machine.files().write(page, test::ata_information(0xec, test::example_identity().build()));
  Found found = look_at_disks(machine.root());
  ASSERT_EQ(found.components.size(), 1u);
  EXPECT_EQ(found.components[0].model(), "WDC WUH721414ALE6L4");
  EXPECT_EQ(found.components[0].version(), "83.H0A83");
  EXPECT_TRUE(found.unreadable.empty());
  // Damaged: four letters are no version.
  machine.files().write(page, "nonsense");
  found = look_at_disks(machine.root());
  ASSERT_EQ(found.components.size(), 1u);
  EXPECT_EQ(found.components[0].model(), "WDC WUH721414ALE");
  EXPECT_EQ(found.components[0].version(), "");
  ASSERT_EQ(found.unreadable.size(), 1u);
  EXPECT_EQ(found.unreadable[0].path(), "/sys/block/sda/device/vpd_pg89");
}

TEST(NetworkAdapters, ThatDoRdmaTellTheirVersion) {
  Machine machine;
  machine.add_pci_device("0000:3b:00.1", "mlx5_core");
  machine.set_pci_ids("0000:3b:00.1", "0x15b3", "0x1017");
  machine.add_device(
      "infiniband", "mlx5_0", "0000:3b:00.1",
      {{"fw_ver", "16.35.2000"}, {"hca_type", "MT4119"}, {"board_id", "MT_0000000012"}});
  machine.add_pci_device("0000:3b:00.0", "bnxt_en");
  machine.set_pci_ids("0000:3b:00.0", "0x14e4", "0x16d7");
  machine.add_device("infiniband", "bnxt_re0", "0000:3b:00.0", {{"fw_ver", "229.0.148.0"}});
  // RDMA that is software, over an interface.
  machine.files().write("/sys/devices/virtual/infiniband/rxe0/fw_ver", "0.0.0\n");
  machine.files().link("/sys/class/infiniband/rxe0", "../../devices/virtual/infiniband/rxe0");
  const Found found = look_at_network_adapters(machine.root());
  ASSERT_EQ(found.components.size(), 2u);
  EXPECT_EQ(found.components[0].name(), "0000:3b:00.0");
  EXPECT_EQ(found.components[0].vendor(), "Broadcom");
  EXPECT_EQ(found.components[0].model(), "bnxt_en");
  EXPECT_EQ(found.components[0].version(), "229.0.148.0");
  EXPECT_EQ(found.components[1].vendor(), "NVIDIA");
  EXPECT_EQ(found.components[1].model(), "MT4119 MT_0000000012");
  EXPECT_EQ(found.components[1].version(), "16.35.2000");
}

TEST(ManagementControllers, AreToldOnceForAllTheirInterfaces) {
  Machine machine;
  machine.files().write("/sys/devices/platform/ipmi_bmc.0/firmware_revision", "6.10\n");
  machine.files().link("/sys/devices/platform/dmi-ipmi-si.0/bmc", "../ipmi_bmc.0");
  for (const std::string name : {"ipmi0", "ipmi1"}) {
    machine.files().link("/sys/devices/platform/dmi-ipmi-si.0/ipmi/" + name + "/device", "../..");
    machine.files().link("/sys/class/ipmi/" + name,
                         "../../devices/platform/dmi-ipmi-si.0/ipmi/" + name);
  }
  const Found found = look_at_management_controllers(machine.root());
  ASSERT_EQ(found.components.size(), 1u);
  EXPECT_EQ(found.components[0].name(), "ipmi0");
  EXPECT_EQ(found.components[0].version(), "6.10");
  EXPECT_EQ(found.components[0].source(), "IPMI");
}

TEST(Adapters, AreNoneInAContainer) {
  const test::TestRoot root;
  for (const auto look :
       {look_at_storage_controllers, look_at_graphics, look_at_tpms, look_at_nvme_drives,
        look_at_disks, look_at_network_adapters, look_at_management_controllers}) {
    const Found found = look(root.path());
    EXPECT_TRUE(found.components.empty());
    EXPECT_TRUE(found.unreadable.empty());
  }
}

}  // namespace
}  // namespace muster::firmware
