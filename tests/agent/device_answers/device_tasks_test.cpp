// Which devices are asked, and what with which rights.
#include "agent/device_answers/device_tasks.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/capability.h>

#include "tests/common/temporary_directory.h"

namespace muster::answers {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class DeviceTasks : public ::testing::Test {
 protected:
  void add(const std::string& path) { std::filesystem::create_directories(directory_.file(path)); }

  std::vector<std::string> names(DeviceGroup group) {
    std::vector<std::string> names;
    for (const Task& task : device_tasks(group, {directory_.path(), "/dev"}))
      names.push_back(task.name);
    return names;
  }

  test::TemporaryDirectory directory_;
};

TEST_F(DeviceTasks, AreTheDevicesThatSysfsHasAndNoOthers) {
  for (const char* const path :
       {"class/nvme/nvme0", "class/nvme/nvme10", "class/nvme/nvme2", "class/nvme/nvme-fabrics",
        "class/ipmi/ipmi0", "class/net/eno1/device", "class/net/docker0", "block/sda/device",
        "block/sdb/device", "block/loop0", "block/nvme0n1", "block/dm-0/dm", "block/md0"}) {
    add(path);
  }
  directory_.write("block/sda/device/vendor", "ATA     \n");
  directory_.write("block/sdb/device/vendor", "SEAGATE \n");
  directory_.write("block/dm-0/dm/name", "mpatha\n");
  EXPECT_THAT(names(DeviceGroup::kFirmware),
              ElementsAre("nvme0/identify", "nvme0/firmware-slots", "nvme2/identify",
                          "nvme2/firmware-slots", "nvme10/identify", "nvme10/firmware-slots",
                          "ipmi0/device-id", "ipmi0/event-log", "devlink", "eno1/driver"));
  EXPECT_THAT(names(DeviceGroup::kHardware),
              ElementsAre("nvme0/identify", "nvme0/health", "nvme2/identify", "nvme2/health",
                          "nvme10/identify", "nvme10/health", "sda/smart-status", "sda/solid-state",
                          "sdb/warnings", "dm-0/status"));
}

TEST_F(DeviceTasks, OfAHostWithoutDevicesIsTheKernelAlone) {
  EXPECT_THAT(names(DeviceGroup::kFirmware), ElementsAre("devlink"));
  EXPECT_THAT(names(DeviceGroup::kHardware), IsEmpty());
}

// Whoever makes a device's name, by udev or as a container's root, leads nobody elsewhere.
TEST_F(DeviceTasks, AreNoneForANameThatIsNoDevices) {
  for (const char* const name : {"nvme", "nvme0n1", "nvme0\n", "nvme 0", "Nvme0", "nvme0x"})
    add("class/nvme/" + std::string(name));
  for (const char* const name : {"sda\n", ".sda", "sd a", "sda;reboot"})
    add("block/" + std::string(name) + "/device");
  for (const char* const name : {"et h0", "e\x01"})
    add("class/net/" + std::string(name) + "/device");
  EXPECT_THAT(names(DeviceGroup::kFirmware), ElementsAre("devlink"));
  EXPECT_THAT(names(DeviceGroup::kHardware), IsEmpty());
}

TEST_F(DeviceTasks, HaveABoundAndSayHowManyAreLeftOut) {
  for (size_t i = 0; i < kMostDrives + 2; ++i)
    add(fmt::format("class/nvme/nvme{}", i));
  const std::vector<Task> tasks = device_tasks(DeviceGroup::kFirmware, {directory_.path(), "/dev"});
  ASSERT_EQ(tasks.size(), 2 * kMostDrives + 2);
  EXPECT_EQ(tasks[2 * kMostDrives].name, "nvme/left-out");
  EXPECT_EQ(tasks[2 * kMostDrives].found.outcome, Outcome::kTooLong);
  EXPECT_EQ(tasks[2 * kMostDrives].found.status, 2);
  // All that a host may have at most is a table that its reader takes.
  EXPECT_LE(2 * kMostDrives + 2 * kMostControllers + kMostAdapters + 4, kMostAnswers);
  EXPECT_LE(2 * kMostDrives + 2 * kMostDrives / 2 + kMostMappings + 3, kMostAnswers);
}

TEST_F(DeviceTasks, HaveTheOneCapabilityThatTheyTake) {
  for (const char* const path : {"class/nvme/nvme0", "class/ipmi/ipmi0", "class/net/eno1/device",
                                 "block/sda/device", "block/dm-0/dm"}) {
    add(path);
  }
  for (const DeviceGroup group : {DeviceGroup::kFirmware, DeviceGroup::kHardware}) {
    for (const Task& task : device_tasks(group, {directory_.path(), "/dev"})) {
      const bool is_of_root = task.name != "devlink" && task.name != "eno1/driver";
      EXPECT_EQ(task.stays_root, is_of_root) << task.name;
      const bool is_admin = task.name.starts_with("nvme") || task.name.starts_with("dm-");
      const uint64_t wanted = is_admin                       ? capability_bit(CAP_SYS_ADMIN)
                              : task.name.starts_with("sda") ? capability_bit(CAP_SYS_RAWIO)
                                                             : 0;
      EXPECT_EQ(task.capabilities, wanted) << task.name;
    }
  }
}

}  // namespace
}  // namespace muster::answers
