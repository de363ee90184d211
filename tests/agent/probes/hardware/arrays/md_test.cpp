#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/agent/probes/hardware/arrays/arrays_fixture.h"

namespace muster::hardware {
namespace {

using test::Files;

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

}  // namespace
}  // namespace muster::hardware
