#include "agent/probes/firmware/network/devlink.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/devlink.h>

#include <algorithm>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "common/text.h"
#include "tests/agent/probes/firmware/network/netlink_builder.h"
#include "tests/common/damaged_bytes.h"

namespace muster::firmware {
namespace {

using namespace std::string_literals;
using namespace std::string_view_literals;
using test::device;
using test::kFixed;
using test::kInfoGet;
using test::kRunning;
using test::kStored;
using test::text_attribute;
using test::version;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr uint16_t kFamily = 20;

static_assert(DEVLINK_CMD_INFO_GET == kInfoGet);
static_assert(DEVLINK_ATTR_INFO_VERSION_FIXED == kFixed);
static_assert(DEVLINK_ATTR_INFO_VERSION_STORED == kStored);
static_assert(DEVLINK_ATTR_INFO_VERSION_VALUE == 104);
static_assert(DEVLINK_ATTR_INFO_BOARD_SERIAL_NUMBER == 146);

std::string info(const std::string& attributes) {
  return test::generic_message(kFamily, kInfoGet, attributes);
}

// What a driver of an adapter with an update in its flash tells.
std::string adapter() {
  return info(device(
      "0000:3b:00.0",
      text_attribute(98, "mlx5_core") + text_attribute(99, "b8-ce-f6-03-00-12-34-56") +
          text_attribute(146, "MT2034X01234") + version(kFixed, "fw.psid", "MT_0000000359") +
          version(kRunning, "fw.version", "22.35.1012") + version(kRunning, "fw", "22.35.1012") +
          version(kStored, "fw.version", "22.39.2048") + version(kStored, "fw", "22.39.2048")));
}

TEST(Devlink, TellsADeviceAndItsVersions) {
  DevlinkDump dump;
  const auto step = parse_devlink_dump(adapter(), kFamily, dump);
  ASSERT_TRUE(step.ok()) << step.status();
  EXPECT_EQ(*step, netlink::Step::kMore);
  ASSERT_EQ(dump.devices.size(), 1U);
  const DevlinkDevice& found = dump.devices[0];
  EXPECT_EQ(found.bus, "pci");
  EXPECT_EQ(found.name, "0000:3b:00.0");
  EXPECT_EQ(found.driver, "mlx5_core");
  EXPECT_EQ(found.serial_number, "b8-ce-f6-03-00-12-34-56");
  EXPECT_EQ(found.board_serial_number, "MT2034X01234");
  EXPECT_THAT(found.fixed, ElementsAre(DevlinkVersion{"fw.psid", "MT_0000000359"}));
  EXPECT_THAT(found.running, ElementsAre(DevlinkVersion{"fw.version", "22.35.1012"},
                                         DevlinkVersion{"fw", "22.35.1012"}));
  EXPECT_THAT(found.stored, ElementsAre(DevlinkVersion{"fw.version", "22.39.2048"},
                                        DevlinkVersion{"fw", "22.39.2048"}));
  EXPECT_FALSE(dump.interrupted);
}

TEST(Devlink, GathersDevicesOverSeveralDatagrams) {
  DevlinkDump dump;
  const auto first = parse_devlink_dump(info(device("0000:3b:00.0")) + info(device("0000:3b:00.1")),
                                        kFamily, dump);
  ASSERT_TRUE(first.ok());
  EXPECT_EQ(*first, netlink::Step::kMore);
  const auto last =
      parse_devlink_dump(info(device("0000:5e:00.0")) + test::end_message(), kFamily, dump);
  ASSERT_TRUE(last.ok());
  EXPECT_EQ(*last, netlink::Step::kDone);
  ASSERT_EQ(dump.devices.size(), 3U);
  EXPECT_EQ(dump.devices[2].name, "0000:5e:00.0");
  // Without versions it is there all the same.
  EXPECT_THAT(dump.devices[2].running, IsEmpty());
}

TEST(Devlink, OfAMachineWithoutADeviceIsAnEnd) {
  DevlinkDump dump;
  const auto step = parse_devlink_dump(test::end_message(), kFamily, dump);
  ASSERT_TRUE(step.ok());
  EXPECT_EQ(*step, netlink::Step::kDone);
  EXPECT_THAT(dump.devices, IsEmpty());
}

TEST(Devlink, SaysThatDevicesCameOrWentMeanwhile) {
  constexpr uint16_t kInterrupted = 0x12;  // NLM_F_MULTI, NLM_F_DUMP_INTR
  for (const std::string& bytes :
       {test::generic_message(kFamily, kInfoGet, device("a"), kInterrupted),
        info(device("a")) + test::message(3, "\0\0\0\0"sv, kInterrupted)}) {
    DevlinkDump dump;
    ASSERT_TRUE(parse_devlink_dump(bytes, kFamily, dump).ok());
    EXPECT_TRUE(dump.interrupted);
  }
}

TEST(Devlink, SaysTheKernelsErrorWhereverItIs) {
  DevlinkDump dump;
  EXPECT_TRUE(
      absl::IsPermissionDenied(parse_devlink_dump(test::error_message(1), kFamily, dump).status()));
  EXPECT_TRUE(absl::IsPermissionDenied(
      parse_devlink_dump(info(device("a")) + test::end_message(1), kFamily, dump).status()));
  // An acknowledgement is none.
  EXPECT_TRUE(parse_devlink_dump(test::error_message(0), kFamily, dump).ok());
}

TEST(Devlink, LeavesOutVersionsWithoutANameOrAValue) {
  DevlinkDump dump;
  ASSERT_TRUE(
      parse_devlink_dump(
          info(device("a", test::attribute(kRunning, text_attribute(103, "fw")) +
                               test::attribute(kRunning, text_attribute(104, "1")) +
                               version(kRunning, "fw", " ") + version(kRunning, "", "1") +
                               test::attribute(kRunning, "") + version(kRunning, "fw.ok", "1"))),
          kFamily, dump)
          .ok());
  EXPECT_THAT(dump.devices[0].running, ElementsAre(DevlinkVersion{"fw.ok", "1"}));
}

TEST(Devlink, ShowsTextsThatCannotForgeALine) {
  DevlinkDump dump;
  ASSERT_TRUE(
      parse_devlink_dump(info(device("a", text_attribute(99, "\x1b[2J") +
                                              version(kRunning, "fw", " " + std::string(999, 'x')) +
                                              test::attribute(98, "no NUL"))),
                         kFamily, dump)
          .ok());
  EXPECT_EQ(dump.devices[0].serial_number, "\\x1b[2J");
  EXPECT_EQ(dump.devices[0].driver, "no NUL");
  EXPECT_EQ(dump.devices[0].running[0].value.size(), kLongestDevlinkText);
}

TEST(Devlink, TakesSoManyVersionsOfADevice) {
  std::string versions;
  for (size_t i = 0; i <= kMostDevlinkVersions; ++i)
    versions += version(kRunning, "fw." + std::to_string(i), "1");
  DevlinkDump dump;
  ASSERT_TRUE(parse_devlink_dump(info(device("a", versions)), kFamily, dump).ok());
  EXPECT_EQ(dump.devices[0].running.size(), kMostDevlinkVersions);
}

TEST(Devlink, CountsDevicesBeyondTheMost) {
  DevlinkDump dump;
  for (size_t i = 0; i < kMostDevlinkDevices + 2; ++i)
    ASSERT_TRUE(parse_devlink_dump(info(device("a")), kFamily, dump).ok());
  EXPECT_EQ(dump.devices.size(), kMostDevlinkDevices);
  EXPECT_EQ(dump.omitted, 2U);
}

TEST(Devlink, TakesNothingThatIsNoAnswerOfIt) {
  for (const std::string& bytes : {
           test::generic_message(kFamily + 1, kInfoGet, device("a")),
           test::generic_message(kFamily, kInfoGet + 1, device("a")),
           test::message(kFamily, "\x33\1\0"sv),
           // Which device it is must be told.
           info(text_attribute(1, "pci")),
           info(text_attribute(2, "0000:3b:00.0")),
           info(""),
           // Nests and attributes that say that they are longer than what holds them.
           info(device("a") + "\x40\0\x65\0abcd"s),
           info(device("a", test::attribute(kRunning, "\x40\0\x67\0abcd"sv))),
           info(device("a", test::attribute(kRunning, "\x03\0\x67\0"sv))),
           info(device("a", test::attribute(kRunning, "abc"))),
       }) {
    DevlinkDump dump;
    EXPECT_TRUE(absl::IsInvalidArgument(parse_devlink_dump(bytes, kFamily, dump).status()));
    EXPECT_THAT(dump.devices, IsEmpty());
  }
}

TEST(Devlink, TakesNothingThatIsNotWhole) {
  const std::string whole = adapter();
  for (size_t size = 1; size < whole.size(); ++size) {
    DevlinkDump dump;
    EXPECT_FALSE(parse_devlink_dump(std::string_view(whole).substr(0, size), kFamily, dump).ok())
        << size;
    EXPECT_THAT(dump.devices, IsEmpty());
  }
}

// A message that is as long as it says may end behind any attribute: what is in it is whole.
TEST(Devlink, TakesNoPartOfAText) {
  const std::string whole = adapter();
  DevlinkDump all;
  ASSERT_TRUE(parse_devlink_dump(whole, kFamily, all).ok());
  const std::vector<DevlinkVersion>& stored = all.devices[0].stored;
  for (size_t size = 16; size < whole.size(); ++size) {
    DevlinkDump dump;
    const std::string cut = test::message(kFamily, whole.substr(16, size - 16));
    if (!parse_devlink_dump(cut, kFamily, dump).ok()) continue;
    const DevlinkDevice& device = dump.devices.at(0);
    EXPECT_EQ(device.name, "0000:3b:00.0");
    EXPECT_TRUE(device.driver.empty() || device.driver == "mlx5_core") << size;
    ASSERT_LE(device.stored.size(), stored.size());
    EXPECT_TRUE(std::equal(device.stored.begin(), device.stored.end(), stored.begin())) << size;
  }
}

TEST(Devlink, OfAnyBytesIsDevicesWithNamesOrAComplaint) {
  std::mt19937 random(20261123);
  const std::string good = adapter() + info(device("b")) + test::end_message();
  for (int i = 0; i < 5000; ++i) {
    DevlinkDump dump;
    static_cast<void>(parse_devlink_dump(test::damaged(good, random), kFamily, dump));
    for (const DevlinkDevice& each : dump.devices) {
      EXPECT_NE(each.name, "");
      EXPECT_EQ(printable(each.driver, kLongestDevlinkText), each.driver);
    }
  }
}

TEST(Devlink, IsAskedForAllDevices) {
  EXPECT_EQ(devlink_request(20), "\x14\0\0\0\x14\0\x01\x03\0\0\0\0\0\0\0\0\x33\x01\0\0"sv);
}

}  // namespace
}  // namespace muster::firmware
