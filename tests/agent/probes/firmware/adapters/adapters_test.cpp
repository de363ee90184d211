#include "agent/probes/firmware/adapters/adapters.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "tests/agent/probes/test_root.h"

namespace muster::firmware {
namespace {

using Files = std::vector<std::pair<std::string, std::string>>;

// As sysfs has them: devices below /sys/devices, and links to these from classes and buses.
class Machine {
 public:
  const std::string& root() const { return root_.path(); }
  test::TestRoot& files() { return root_; }

  void add_pci_device(const std::string& address, const std::string& driver) {
    const std::string device = device_of(address);
    root_.make_directory(device);
    root_.make_directory("/sys/bus/pci/drivers/" + driver);
    root_.link(device + "/driver", "../../../../bus/pci/drivers/" + driver);
    root_.link("/sys/bus/pci/devices/" + address,
               "../../../devices/pci0000:00/0000:00:02.0/" + address);
  }
  void add_scsi_host(const std::string& name, const std::string& address, const Files& files) {
    const std::string directory = fmt::format("{}/{}/scsi_host/{}", device_of(address), name, name);
    root_.make_directory(directory);
    for (const auto& [file, content] : files)
      root_.write(directory + "/" + file, content + "\n");
    root_.link("/sys/class/scsi_host/" + name, "../.." + directory.substr(4));
  }

 private:
  static std::string device_of(const std::string& address) {
    return "/sys/devices/pci0000:00/0000:00:02.0/" + address;
  }

  test::TestRoot root_;
};

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

  const Adapters found = look_at_storage_controllers(machine.root());
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
  const Adapters found = look_at_storage_controllers(machine.root());
  ASSERT_EQ(found.components.size(), 1u);
  EXPECT_EQ(found.components[0].name(), "10000:01:00.0");
  EXPECT_EQ(found.components[0].model(), "megaraid_sas");
  EXPECT_EQ(found.components[0].version(), "");
}

TEST(StorageControllers, ThatCannotBeReadAreSaid) {
  Machine machine;
  machine.add_pci_device("0000:3b:00.0", "mpt3sas");
  machine.add_scsi_host("host0", "0000:3b:00.0", {{"version_fw", std::string(5000, '1')}});
  const Adapters found = look_at_storage_controllers(machine.root());
  ASSERT_EQ(found.components.size(), 1u);
  EXPECT_EQ(found.components[0].version(), "");
  ASSERT_EQ(found.unreadable.size(), 1u);
  EXPECT_EQ(found.unreadable[0].path(), "/sys/class/scsi_host/host0/version_fw");
}

TEST(StorageControllers, BeyondTheirBoundAreNotGuessedAt) {
  const test::TestRoot root;
  for (size_t i = 0; i <= kMostAdapters; ++i)
    root.make_directory(fmt::format("/sys/class/scsi_host/host{}", i));
  const Adapters found = look_at_storage_controllers(root.path());
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

  const Adapters found = look_at_graphics(machine.root());
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
  const Adapters found = look_at_tpms(root.path());
  ASSERT_EQ(found.components.size(), 2u);
  EXPECT_EQ(found.components[0].model(), "TPM 1.2");
  EXPECT_EQ(found.components[0].version(), "133.32");
  EXPECT_EQ(found.components[1].model(), "TPM 2.0");
  EXPECT_EQ(found.components[1].version(), "");
}

TEST(Adapters, AreNoneInAContainer) {
  const test::TestRoot root;
  for (const auto look : {look_at_storage_controllers, look_at_graphics, look_at_tpms}) {
    const Adapters found = look(root.path());
    EXPECT_TRUE(found.components.empty());
    EXPECT_TRUE(found.unreadable.empty());
  }
}

}  // namespace
}  // namespace muster::firmware
