#include "agent/probes/hardware/arrays/mapping_status.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/agent/probes/hardware/mapping_reply.h"

namespace muster::hardware {
namespace {

using test::mapping_reply;
using ::testing::HasSubstr;

std::string error_of(const absl::Status& status) {
  return std::string(status.message().data(), status.message().size());
}

TEST(Mapping, HasEachTargetWithItsStatus) {
  const auto targets = parse_mapping(
      mapping_reply({{"linear", ""}, {"raid", "raid1 2 AA 5/5 idle 0 0 -"}, {"crypt", ""}}));
  ASSERT_TRUE(targets.ok()) << targets.status();
  ASSERT_EQ(targets->size(), 3);
  EXPECT_EQ((*targets)[0].type, "linear");
  EXPECT_EQ((*targets)[1].type, "raid");
  EXPECT_EQ((*targets)[1].status, "raid1 2 AA 5/5 idle 0 0 -");
  EXPECT_EQ((*targets)[2].type, "crypt");
}

TEST(Mapping, WithoutATableHasNoTargets) {
  const auto targets = parse_mapping(mapping_reply({}));
  ASSERT_TRUE(targets.ok()) << targets.status();
  EXPECT_TRUE(targets->empty());
}

TEST(Mapping, RefusesWhatIsNoAnswer) {
  const std::string whole = mapping_reply({{"raid", "raid1 2 AA 5/5"}, {"raid", "raid1 2 AA 5/5"}});
  for (size_t size = 0; size < whole.size() - 8; ++size)
    EXPECT_FALSE(parse_mapping(whole.substr(0, size)).ok()) << size;
  std::string other = whole;
  other[0] = 3;
  EXPECT_THAT(error_of(parse_mapping(other).status()), HasSubstr("another version than 4"));
  std::string beyond = whole;
  beyond[16 + 1] = 0x7f;
  EXPECT_THAT(error_of(parse_mapping(beyond).status()), HasSubstr("no data"));
  // Its first target says that the next is itself.
  std::string circle = whole;
  circle[sizeof(dm_ioctl) + offsetof(dm_target_spec, next)] = 0;
  EXPECT_THAT(error_of(parse_mapping(circle).status()), HasSubstr("in circles"));
}

TEST(Mapping, HasABoundForTargets) {
  std::vector<std::pair<std::string, std::string>> targets(kMostTargets, {"linear", ""});
  EXPECT_TRUE(parse_mapping(mapping_reply(targets)).ok());
  targets.emplace_back("linear", "");
  EXPECT_THAT(error_of(parse_mapping(mapping_reply(targets)).status()),
              HasSubstr("too many targets"));
}

struct RaidCase {
  const char* status;
  const char* level;
  const char* legs;
  uint64_t filled;
  uint64_t total;
  const char* action;
  std::optional<uint64_t> mismatches;
};

TEST(RaidStatus, IsReadAsTheKernelDocumentsIt) {
  const RaidCase cases[] = {
      {"raid1 2 AA 2097152/2097152 idle 0 0 -", "raid1", "AA", 2097152, 2097152, "idle", 0},
      {"raid6_zr 5 AaADA 5/10 recover 0 0 -", "raid6", "AaADA", 5, 10, "recover", 0},
      {"raid10_near 4 AA-A 10/10 check 128 0 -", "raid10", "AA-A", 10, 10, "check", 128},
      // Before version 1.5 of the target.
      {"raid5_ls 3 AAA 7/7", "raid5", "AAA", 7, 7, "", std::nullopt},
  };
  for (const RaidCase& each : cases) {
    const auto status = parse_raid_status(each.status);
    ASSERT_TRUE(status.ok()) << each.status;
    EXPECT_EQ(status->level, each.level) << each.status;
    EXPECT_EQ(status->legs, each.legs) << each.status;
    EXPECT_EQ(status->filled, each.filled) << each.status;
    EXPECT_EQ(status->total, each.total) << each.status;
    EXPECT_EQ(status->action, each.action) << each.status;
    EXPECT_EQ(status->mismatches, each.mismatches) << each.status;
  }
}

TEST(RaidStatus, RefusesWhatMakesNoSense) {
  for (const char* const status :
       {"", "raid1", "raid1 2", "raid1 2 AAA 1/1", "raid1 2 AX 1/1", "raid1 0  1/1", "raid1 2 AA",
        "raid1 2 AA 1", "raid1 2 AA 1/x", "linear 2 AA 1/1", "raid1 x AA 1/1"}) {
    EXPECT_FALSE(parse_raid_status(status).ok()) << status;
  }
}

TEST(RaidStatus, HasABoundForLegs) {
  const std::string most(kMostParts, 'A');
  EXPECT_TRUE(parse_raid_status("raid1 256 " + most + " 1/1").ok());
  EXPECT_FALSE(parse_raid_status("raid1 257 " + most + "A 1/1").ok());
}

TEST(MirrorStatus, HasALetterForEachLeg) {
  const auto status = parse_mirror_status("2 253:3 253:4 398/400 1 AD 3 disk 253:2 A");
  ASSERT_TRUE(status.ok()) << status.status();
  EXPECT_EQ(status->level, "raid1");
  EXPECT_EQ(status->legs, "AD");
  EXPECT_EQ(status->filled, 398);
  EXPECT_EQ(status->total, 400);
  EXPECT_EQ(status->action, "");
}

TEST(MirrorStatus, RefusesWhatMakesNoSense) {
  for (const char* const status :
       {"", "2 253:3", "2 253:3 253:4 400 1 AA", "2 253:3 253:4 400/400 2 AA",
        "2 253:3 253:4 400/400 1 A", "0 400/400 1 ", "300 253:3 400/400 1 A"}) {
    EXPECT_FALSE(parse_mirror_status(status).ok()) << status;
  }
}

TEST(MultipathStatus, HasThePathsOfAllGroups) {
  // Two groups, as multipathd makes them of an array with ALUA, by service time.
  const auto paths =
      parse_multipath_status("2 0 0 0 2 1 A 0 2 2 8:16 A 0 0 1 8:48 F 3 0 1 E 0 1 2 8:32 A 0 0 1 ");
  ASSERT_TRUE(paths.ok()) << paths.status();
  ASSERT_EQ(paths->size(), 3);
  EXPECT_EQ((*paths)[0].device, "8:16");
  EXPECT_TRUE((*paths)[0].works);
  EXPECT_EQ((*paths)[1].device, "8:48");
  EXPECT_FALSE((*paths)[1].works);
  EXPECT_EQ((*paths)[2].device, "8:32");
  EXPECT_TRUE((*paths)[2].works);
}

TEST(MultipathStatus, RefusesWhatMakesNoSense) {
  for (const char* const status :
       {"", "2 0", "2 0 0 0", "2 0 0 0 1", "2 0 0 0 1 1", "2 0 0 0 1 1 A", "2 0 0 0 1 1 A 0 1",
        "2 0 0 0 1 1 A 0 1 0", "2 0 0 0 1 1 A 0 1 0 8:16 X 0", "2 0 0 0 1 1 A 0 1 0 8:16 A",
        "2 0 0 0 1 1 A 0 1 2 8:16 A 0 0", "2 0 0 0 999 1 A"}) {
    EXPECT_FALSE(parse_multipath_status(status).ok()) << status;
  }
}

TEST(MultipathStatus, HasABoundForPaths) {
  const auto status = [](size_t count) {
    std::string text = "2 0 0 0 1 1 A 0 " + std::to_string(count) + " 0 ";
    for (size_t path = 0; path < count; ++path)
      text += "8:16 A 0 ";
    return text;
  };
  EXPECT_TRUE(parse_multipath_status(status(kMostParts)).ok());
  EXPECT_FALSE(parse_multipath_status(status(kMostParts + 1)).ok());
}

}  // namespace
}  // namespace muster::hardware
