#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/probes/hardware/arrays/arrays.h"
#include "tests/agent/probes/firmware/device_replies.h"
#include "tests/agent/probes/hardware/hardware_machine.h"
#include "tests/agent/probes/hardware/mapping_reply.h"

namespace muster::hardware {
namespace {

using test::answered;
using test::HardwareMachine;
using test::mapping_reply;

constexpr const char* kVolume = "LVM-CbNXHJtmu6CYmg9hNXm0Ez0Tx5vUg4e1";
constexpr const char* kMultipath = "mpath-3600a098038303053743f463045727a36";

Arrays look(HardwareMachine& machine, const probe::HostAnswers& answers,
            std::vector<v1::UnreadableSource>& unreadable) {
  MachineFiles files(machine.root(), unreadable);
  return look_at_mappings(answers, files);
}

v1::RedundantArray volume_with(const std::string& type, const std::string& status) {
  HardwareMachine machine;
  machine.add_mapping("dm-1", "vg0-root_rimage_0", kVolume, {});
  machine.add_mapping("dm-3", "vg0-root_rimage_1", kVolume, {});
  machine.add_mapping("dm-4", "vg0-root", kVolume, {"dm-1", "dm-3"});
  std::vector<v1::UnreadableSource> unreadable;
  const Arrays arrays =
      look(machine,
           probe::HostAnswers({answered("dm-1/status", mapping_reply({{"linear", ""}})),
                               answered("dm-3/status", mapping_reply({{"linear", ""}})),
                               answered("dm-4/status", mapping_reply({{type, status}}))}),
           unreadable);
  EXPECT_TRUE(unreadable.empty());
  EXPECT_EQ(arrays.size(), 1);
  return arrays.empty() ? v1::RedundantArray() : arrays.front();
}

struct VolumeCase {
  const char* type;
  const char* status;
  v1::ArrayState state;
  uint32_t working;
  // -1: none.
  int percent;
};

TEST(Mappings, VolumesAreAsTheirLegs) {
  using namespace v1;
  const VolumeCase cases[] = {
      {"raid", "raid1 2 AA 8/8 idle 0 0 -", ARRAY_STATE_HEALTHY, 2, -1},
      {"raid", "raid1 2 AA 4/8 check 0 0 -", ARRAY_STATE_HEALTHY, 2, -1},
      {"raid", "raid1 2 AD 8/8 idle 0 0 -", ARRAY_STATE_DEGRADED, 1, -1},
      {"raid", "raid1 2 A- 8/8 idle 0 0 -", ARRAY_STATE_DEGRADED, 1, -1},
      {"raid", "raid1 2 Aa 4/8 recover 0 0 -", ARRAY_STATE_REBUILDING, 1, 50},
      {"raid", "raid1 2 aa 1/8 resync 0 0 -", ARRAY_STATE_REBUILDING, 0, 10},
      {"raid", "raid1 2 Aa 4/8 frozen 0 0 -", ARRAY_STATE_DEGRADED, 1, -1},
      {"raid", "raid1 2 DD 8/8 idle 0 0 -", ARRAY_STATE_FAILED, 0, -1},
      {"raid", "raid0 2 AD 8/8 idle 0 0 -", ARRAY_STATE_FAILED, 1, -1},
      {"raid", "raid5_ls 3 ADD 8/8 idle 0 0 -", ARRAY_STATE_FAILED, 1, -1},
      {"raid", "raid6_zr 5 AADDD 8/8 idle 0 0 -", ARRAY_STATE_FAILED, 2, -1},
      {"raid", "raid6_zr 5 AAADD 8/8 idle 0 0 -", ARRAY_STATE_DEGRADED, 3, -1},
      {"mirror", "2 253:1 253:3 400/400 1 AA 1 core", ARRAY_STATE_HEALTHY, 2, -1},
      {"mirror", "2 253:1 253:3 100/400 1 AA 1 core", ARRAY_STATE_REBUILDING, 2, 20},
      {"mirror", "2 253:1 253:3 400/400 1 AD 1 core", ARRAY_STATE_DEGRADED, 1, -1},
      {"mirror", "2 252:0 252:1 15/16 1 AD 1 core", ARRAY_STATE_DEGRADED, 1, -1},
  };
  for (const VolumeCase& each : cases) {
    const v1::RedundantArray array = volume_with(each.type, each.status);
    EXPECT_EQ(array.kind(), v1::ARRAY_KIND_LVM) << each.status;
    EXPECT_EQ(array.name(), "vg0-root") << each.status;
    EXPECT_EQ(array.state(), each.state) << each.status;
    EXPECT_EQ(array.members_working(), each.working) << each.status;
    EXPECT_EQ(array.has_percent() ? static_cast<int>(array.percent()) : -1, each.percent)
        << each.status;
    if (array.members_size() == 2) {
      EXPECT_EQ(array.members(1).name(), "vg0-root_rimage_1") << each.status;
    }
  }
}

TEST(Mappings, OfWhichNobodyTellsAreNotHealthy) {
  HardwareMachine machine;
  machine.add_path("sdb", "8:16", "1:0:0", "running");
  machine.add_path("sdc", "8:32", "2:0:0", "running");
  machine.add_mapping("dm-0", "mpatha", kMultipath, {"sdb", "sdc"});
  machine.add_mapping("dm-1", "vg0-root_rimage_0", kVolume, {});
  machine.add_mapping("dm-3", "vg0-root_rimage_1", kVolume, {});
  machine.add_mapping("dm-4", "vg0-root", kVolume, {"dm-1", "dm-3"});
  std::vector<v1::UnreadableSource> unreadable;
  const Arrays arrays =
      look(machine, probe::HostAnswers("nobody was asked: no such program"), unreadable);
  ASSERT_EQ(arrays.size(), 2);
  for (const v1::RedundantArray& array : arrays) {
    EXPECT_EQ(array.state(), v1::ARRAY_STATE_UNSPECIFIED) << array.name();
    EXPECT_EQ(array.members_wanted(), 2) << array.name();
    EXPECT_EQ(array.members_working(), 0) << array.name();
  }
  ASSERT_EQ(unreadable.size(), 1);
  EXPECT_EQ(unreadable[0].path(), "/dev/mapper/mpatha");
  EXPECT_EQ(unreadable[0].error(), "nobody was asked: no such program (and 1 more)");
}

TEST(Mappings, KeepNothingTwiceAreNoArrays) {
  HardwareMachine machine;
  machine.add_sata_disk("sda", "0:0:0:0", "Samsung SSD 870", "1000215216");
  machine.add_mapping("dm-0", "vg0-home", kVolume, {"sda"});
  machine.add_mapping("dm-1", "cryptswap", "CRYPT-PLAIN-cryptswap", {"sda"});
  std::vector<v1::UnreadableSource> unreadable;
  EXPECT_TRUE(look(machine, probe::HostAnswers("nobody was asked"), unreadable).empty());
  EXPECT_TRUE(unreadable.empty());
}

TEST(Mappings, AnswerWhatMakesNoSenseIsNoted) {
  HardwareMachine machine;
  machine.add_path("sdb", "8:16", "1:0:0", "running");
  machine.add_mapping("dm-0", "mpatha", kMultipath, {"sdb"});
  for (const std::string& reply : {std::string("x"), mapping_reply({{"multipath", "2 0"}})}) {
    std::vector<v1::UnreadableSource> unreadable;
    const Arrays arrays =
        look(machine, probe::HostAnswers({answered("dm-0/status", reply)}), unreadable);
    ASSERT_EQ(arrays.size(), 1);
    EXPECT_EQ(arrays[0].state(), v1::ARRAY_STATE_UNSPECIFIED);
    EXPECT_EQ(unreadable.size(), 1);
  }
}

TEST(Mappings, PathsFailByEitherWord) {
  HardwareMachine machine;
  machine.add_path("sdb", "8:16", "1:0:0", "running");
  machine.add_path("sdc", "8:32", "2:0:0", "transport-offline");
  machine.add_path("sdd", "8:48", "3:0:0", "running");
  machine.add_mapping("dm-0", "mpatha", kMultipath, {"sdb", "sdc", "sdd"});
  std::vector<v1::UnreadableSource> unreadable;
  // The kernel has not noticed yet that sdc is gone.
  const Arrays arrays =
      look(machine,
           probe::HostAnswers({answered(
               "dm-0/status",
               mapping_reply({{"multipath", "2 0 0 0 1 1 A 0 3 0 8:16 A 0 8:32 A 0 8:48 F 7 "}}))}),
           unreadable);
  ASSERT_EQ(arrays.size(), 1);
  EXPECT_EQ(arrays[0].state(), v1::ARRAY_STATE_DEGRADED);
  EXPECT_EQ(arrays[0].members_wanted(), 3);
  EXPECT_EQ(arrays[0].members_working(), 1);
  EXPECT_EQ(arrays[0].members(0).state(), v1::MEMBER_STATE_WORKING);
  EXPECT_EQ(arrays[0].members(1).state(), v1::MEMBER_STATE_FAILED);
  EXPECT_EQ(arrays[0].members(1).detail(), "transport-offline");
  EXPECT_EQ(arrays[0].members(2).state(), v1::MEMBER_STATE_FAILED);
}

}  // namespace
}  // namespace muster::hardware
