#include "agent/probes/hardware/arrays/arrays.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>

#include "tests/agent/probes/hardware/hardware_machine.h"

namespace muster::hardware {
namespace {

using test::Files;
using test::HardwareMachine;

class ArraysTest : public ::testing::Test {
 protected:
  // The only array that is found.
  v1::RedundantArray only(const Arrays& arrays) {
    EXPECT_EQ(arrays.size(), 1);
    return arrays.empty() ? v1::RedundantArray() : arrays.front();
  }
  v1::RedundantArray md() {
    MachineFiles files(machine_->root(), unreadable_);
    return only(look_at_md(files));
  }
  v1::RedundantArray bond() {
    MachineFiles files(machine_->root(), unreadable_);
    return only(look_at_bonds(files));
  }
  Arrays zfs() {
    MachineFiles files(machine_->root(), unreadable_);
    return look_at_zfs(files);
  }
  Arrays btrfs() {
    MachineFiles files(machine_->root(), unreadable_);
    return look_at_btrfs(files);
  }

  std::optional<HardwareMachine> machine_{std::in_place};
  std::vector<v1::UnreadableSource> unreadable_;
};

struct MdCase {
  const char* story;
  Files files;
  v1::ArrayState state;
  uint32_t working;
  // -1: none.
  int percent;
  const char* detail;
};

TEST_F(ArraysTest, MdIsAsItsFilesSay) {
  using namespace v1;
  const MdCase cases[] = {
      {"all well",
       {{"level", "raid1"},
        {"array_state", "active"},
        {"raid_disks", "2"},
        {"degraded", "0"},
        {"sync_action", "idle"}},
       ARRAY_STATE_HEALTHY,
       2,
       -1,
       ""},
      {"a check is no fault",
       {{"level", "raid6"},
        {"array_state", "clean"},
        {"raid_disks", "6"},
        {"degraded", "0"},
        {"sync_action", "check"},
        {"sync_completed", "50 / 100"}},
       ARRAY_STATE_HEALTHY,
       6,
       -1,
       "check"},
      {"one of two is missing",
       {{"level", "raid1"},
        {"array_state", "clean"},
        {"raid_disks", "2"},
        {"degraded", "1"},
        {"sync_action", "idle"}},
       ARRAY_STATE_DEGRADED,
       1,
       -1,
       ""},
      {"the new one is being filled",
       {{"level", "raid5"},
        {"array_state", "active"},
        {"raid_disks", "3"},
        {"degraded", "1"},
        {"sync_action", "recover"},
        {"sync_completed", "379 / 1000"}},
       ARRAY_STATE_REBUILDING,
       2,
       30,
       "recover"},
      {"waits for another array's turn",
       {{"level", "raid5"},
        {"array_state", "active"},
        {"raid_disks", "3"},
        {"degraded", "1"},
        {"sync_action", "recover"},
        {"sync_completed", "delayed"}},
       ARRAY_STATE_REBUILDING,
       2,
       -1,
       "recover"},
      {"copies may differ after a crash",
       {{"level", "raid1"},
        {"array_state", "active"},
        {"raid_disks", "2"},
        {"degraded", "0"},
        {"sync_action", "resync"},
        {"sync_completed", "1000 / 1000"}},
       ARRAY_STATE_REBUILDING,
       2,
       100,
       "resync"},
      {"RAID 5 without two",
       {{"level", "raid5"},
        {"array_state", "active"},
        {"raid_disks", "4"},
        {"degraded", "2"},
        {"sync_action", "idle"}},
       ARRAY_STATE_FAILED,
       2,
       -1,
       ""},
      {"RAID 6 without two",
       {{"level", "raid6"},
        {"array_state", "active"},
        {"raid_disks", "4"},
        {"degraded", "2"},
        {"sync_action", "idle"}},
       ARRAY_STATE_DEGRADED,
       2,
       -1,
       ""},
      {"RAID 6 without three",
       {{"level", "raid6"},
        {"array_state", "active"},
        {"raid_disks", "4"},
        {"degraded", "3"},
        {"sync_action", "idle"}},
       ARRAY_STATE_FAILED,
       1,
       -1,
       ""},
      {"RAID 10 of two copies without half",
       {{"level", "raid10"},
        {"array_state", "active"},
        {"raid_disks", "4"},
        {"degraded", "2"},
        {"sync_action", "idle"},
        {"layout", "258"}},
       ARRAY_STATE_DEGRADED,
       2,
       -1,
       ""},
      {"RAID 10 of two copies without three of four",
       {{"level", "raid10"},
        {"array_state", "active"},
        {"raid_disks", "4"},
        {"degraded", "3"},
        {"sync_action", "idle"},
        {"layout", "258"}},
       ARRAY_STATE_FAILED,
       1,
       -1,
       ""},
      {"was not started",
       {{"level", "raid5"}, {"array_state", "inactive"}, {"raid_disks", "0"}},
       ARRAY_STATE_FAILED,
       0,
       -1,
       "inactive"},
      {"the last member failed",
       {{"level", "raid1"},
        {"array_state", "broken"},
        {"raid_disks", "2"},
        {"degraded", "1"},
        {"sync_action", "idle"}},
       ARRAY_STATE_FAILED,
       1,
       -1,
       "broken"},
      {"stripes have nothing twice",
       {{"level", "raid0"}, {"array_state", "clean"}, {"raid_disks", "2"}},
       ARRAY_STATE_HEALTHY,
       0,
       -1,
       ""},
      {"is given another shape",
       {{"level", "raid5"},
        {"array_state", "active"},
        {"raid_disks", "4 (3)"},
        {"degraded", "0"},
        {"sync_action", "reshape"}},
       ARRAY_STATE_HEALTHY,
       4,
       -1,
       "reshape"},
      {"a level that nobody knows",
       {{"level", "raid7"}, {"array_state", "clean"}, {"raid_disks", "2"}},
       ARRAY_STATE_UNSPECIFIED,
       0,
       -1,
       ""},
      {"tells nothing", {{"raid_disks", "x"}}, ARRAY_STATE_UNSPECIFIED, 0, -1, ""},
  };
  for (const MdCase& each : cases) {
    machine_.emplace();
    for (const auto& [file, text] : each.files)
      machine_->files().write("/sys/block/md0/md/" + file, text + "\n");
    const v1::RedundantArray array = md();
    EXPECT_EQ(array.state(), each.state) << each.story;
    EXPECT_EQ(array.members_working(), each.working) << each.story;
    EXPECT_EQ(array.has_percent() ? static_cast<int>(array.percent()) : -1, each.percent)
        << each.story;
    EXPECT_EQ(array.detail(), each.detail) << each.story;
  }
}

TEST_F(ArraysTest, MdWhereOneOfTheStripesFailedHasFailed) {
  machine_->add_files("/sys/block/md0/md",
                      {{"level", "raid0"}, {"array_state", "clean"}, {"raid_disks", "2"}});
  machine_->add_md_member("md0", "sda1", "in_sync", "0");
  machine_->add_md_member("md0", "sdb1", "faulty", "1");
  EXPECT_EQ(md().state(), v1::ARRAY_STATE_FAILED);
}

TEST_F(ArraysTest, MdLeavesOutContainersAndWhatIsNone) {
  machine_->add_files(
      "/sys/block/md127/md",
      {{"array_state", "inactive"}, {"metadata_version", "external:imsm"}, {"raid_disks", "0"}});
  machine_->add_files("/sys/block/md9/md", {{"array_state", "clear"}, {"raid_disks", "0"}});
  machine_->add_files("/sys/block/md126/md", {{"level", "raid1"},
                                              {"array_state", "active"},
                                              {"metadata_version", "external:/md127/0"},
                                              {"raid_disks", "2"},
                                              {"degraded", "0"},
                                              {"sync_action", "idle"}});
  EXPECT_EQ(md().name(), "md126");
}

TEST_F(ArraysTest, MembersHaveABound) {
  machine_->add_files("/sys/block/md0/md",
                      {{"level", "raid1"}, {"array_state", "clean"}, {"raid_disks", "2"}});
  for (size_t i = 0; i < kMostMembers; ++i)
    machine_->add_md_member("md0", fmt::format("sd{}", i), "spare", "none");
  EXPECT_EQ(md().members_size(), static_cast<int>(kMostMembers));
  EXPECT_TRUE(unreadable_.empty());
  machine_->add_md_member("md0", "sdx", "spare", "none");
  EXPECT_EQ(md().members_size(), static_cast<int>(kMostMembers));
  ASSERT_EQ(unreadable_.size(), 1);
  EXPECT_EQ(unreadable_[0].error(), "there are 257 members, 1 of them are left out");
}

TEST_F(ArraysTest, PoolsOfZfsAreAsTheKernelSays) {
  const std::pair<const char*, v1::ArrayState> cases[] = {
      {"ONLINE", v1::ARRAY_STATE_HEALTHY},       {"DEGRADED", v1::ARRAY_STATE_DEGRADED},
      {"FAULTED", v1::ARRAY_STATE_FAILED},       {"SUSPENDED", v1::ARRAY_STATE_FAILED},
      {"UNAVAIL", v1::ARRAY_STATE_FAILED},       {"TRANSITIONING", v1::ARRAY_STATE_UNSPECIFIED},
      {"HEALTHY?", v1::ARRAY_STATE_UNSPECIFIED},
  };
  // Statistics that are no pool.
  machine_->files().write("/proc/spl/kstat/zfs/arcstats", "9 1 0x01\n");
  for (const auto& [word, state] : cases) {
    machine_->files().write("/proc/spl/kstat/zfs/tank/state", std::string(word) + "\n");
    const v1::RedundantArray pool = only(zfs());
    EXPECT_EQ(pool.name(), "tank");
    EXPECT_EQ(pool.state(), state) << word;
    EXPECT_EQ(pool.detail(), word);
  }
}

TEST_F(ArraysTest, APoolOfAnOldZfsDoesNotTell) {
  machine_->files().write("/proc/spl/kstat/zfs/tank/txgs", "20 0 0x01\n");
  EXPECT_EQ(only(zfs()).state(), v1::ARRAY_STATE_UNSPECIFIED);
}

TEST_F(ArraysTest, FileSystemsOfBtrfsMissDevices) {
  const std::string directory = "/sys/fs/btrfs/4f2c2a9e-7d0c-4f0e-8d62-5a0d9a1f0c11";
  machine_->files().make_directory("/sys/fs/btrfs/features");
  machine_->files().make_directory(directory + "/allocation/data/raid1");
  machine_->add_files(directory, {{"label", "archive"}, {"devinfo/1/missing", "0"}});
  EXPECT_TRUE(btrfs().empty());
  machine_->add_files(directory, {{"devinfo/2/missing", "0"}});
  EXPECT_EQ(only(btrfs()).state(), v1::ARRAY_STATE_HEALTHY);
  machine_->add_files(directory, {{"devinfo/2/missing", "1"}});
  const v1::RedundantArray array = only(btrfs());
  EXPECT_EQ(array.name(), "archive");
  EXPECT_EQ(array.level(), "raid1");
  EXPECT_EQ(array.state(), v1::ARRAY_STATE_DEGRADED);
  EXPECT_EQ(array.members_working(), 1);
  EXPECT_EQ(array.members(1).name(), "device 2");
  EXPECT_EQ(array.members(1).detail(), "missing");
  machine_->files().make_directory(directory + "/allocation/data/single");
  EXPECT_EQ(only(btrfs()).level(), "raid1,single");
  EXPECT_EQ(only(btrfs()).state(), v1::ARRAY_STATE_FAILED);
}

TEST_F(ArraysTest, FileSystemsOfBtrfsWithOneLabelAreTwo) {
  for (const char* const uuid :
       {"11111111-7d0c-4f0e-8d62-5a0d9a1f0c11", "22222222-7d0c-4f0e-8d62-5a0d9a1f0c11"}) {
    machine_->add_files(
        std::string("/sys/fs/btrfs/") + uuid,
        {{"label", "data"}, {"devinfo/1/missing", "0"}, {"devinfo/2/missing", "0"}});
  }
  const Arrays arrays = btrfs();
  ASSERT_EQ(arrays.size(), 2);
  EXPECT_EQ(arrays[0].name(), "data");
  EXPECT_EQ(arrays[1].name(), "22222222-7d0c-4f0e-8d62-5a0d9a1f0c11");
}

struct LegCase {
  const char* story;
  Files bond;
  Files leg;
  v1::ArrayState state;
  const char* detail;
};

TEST_F(ArraysTest, LegsOfBondsAreAsTheirFilesSay) {
  using namespace v1;
  const LegCase cases[] = {
      {"works",
       {{"mode", "active-backup 1"}},
       {{"carrier", "1"}, {"bonding_slave/mii_status", "up"}},
       ARRAY_STATE_HEALTHY,
       ""},
      {"its link is down",
       {{"mode", "active-backup 1"}},
       {{"carrier", "0"}, {"bonding_slave/mii_status", "down"}},
       ARRAY_STATE_DEGRADED,
       "down"},
      {"nobody watches its link",
       {{"mode", "balance-rr 0"}},
       {{"carrier", "0"}, {"bonding_slave/mii_status", "up"}},
       ARRAY_STATE_DEGRADED,
       "no link"},
      {"is not in the bundle",
       {{"mode", "802.3ad 4"}, {"ad_aggregator", "1"}},
       {{"carrier", "1"},
        {"bonding_slave/mii_status", "up"},
        {"bonding_slave/ad_aggregator_id", "2"}},
       ARRAY_STATE_DEGRADED,
       "not in the bundle"},
      {"tells nothing, before Linux 3.14",
       {{"mode", "802.3ad 4"}, {"ad_aggregator", "1"}},
       {{"carrier", "1"}},
       ARRAY_STATE_UNSPECIFIED,
       ""},
  };
  for (const LegCase& each : cases) {
    machine_.emplace();
    machine_->add_bond("bond0", each.bond);
    machine_->add_files("/sys/class/net/bond0/bonding", {{"slaves", "eno1 eno2"}});
    machine_->add_interface("eno1", {{"carrier", "1"},
                                     {"bonding_slave/mii_status", "up"},
                                     {"bonding_slave/ad_aggregator_id", "1"}});
    machine_->add_interface("eno2", each.leg);
    const v1::RedundantArray array = bond();
    EXPECT_EQ(array.members_wanted(), 2) << each.story;
    EXPECT_EQ(array.state(), each.state) << each.story;
    EXPECT_EQ(array.members(1).detail(), each.detail) << each.story;
  }
}

TEST_F(ArraysTest, ABondThatIsUpWithoutLegsHasFailed) {
  machine_->add_bond("bond0", {{"mode", "balance-rr 0"}, {"slaves", ""}});
  EXPECT_EQ(bond().state(), v1::ARRAY_STATE_FAILED);
  // As the module makes it when it is loaded.
  machine_->files().write("/sys/class/net/bond0/flags", "0x1402\n");
  MachineFiles files(machine_->root(), unreadable_);
  EXPECT_TRUE(look_at_bonds(files).empty());
}

}  // namespace
}  // namespace muster::hardware
