#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/agent/probes/hardware/arrays/arrays_fixture.h"

namespace muster::hardware {
namespace {

using test::Files;

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
