#include "agent/probes/firmware/network/driver_information.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <string_view>

#include "common/text.h"
#include "tests/common/damaged_bytes.h"

namespace muster::firmware {
namespace {

// struct ethtool_drvinfo (linux/ethtool.h): the command, then fields of 32 bytes: driver at 4,
// version at 36, firmware at 68, bus at 100, expansion ROM at 132; numbers to 196.
constexpr size_t kSize = 196;

std::string struct_of(const std::string& driver, const std::string& version,
                      const std::string& firmware, const std::string& bus) {
  std::string bytes(kSize, '\0');
  bytes.replace(0, 4, std::string("\3\0\0\0", 4));
  bytes.replace(4, driver.size(), driver);
  bytes.replace(36, version.size(), version);
  bytes.replace(68, firmware.size(), firmware);
  bytes.replace(100, bus.size(), bus);
  return bytes;
}

TEST(DriverInformation, TellsTheFirmwareOfAnAdapter) {
  const auto told = parse_driver_information(
      struct_of("igb", "6.1.0-26-amd64", "3.25, 0x80000681, 1.3.0", "0000:03:00.0"));
  ASSERT_TRUE(told.ok()) << told.status();
  EXPECT_EQ(told->driver, "igb");
  EXPECT_EQ(told->version, "6.1.0-26-amd64");
  EXPECT_EQ(told->firmware_version, "3.25, 0x80000681, 1.3.0");
  EXPECT_EQ(told->bus, "0000:03:00.0");
  EXPECT_FALSE(told->may_be_cut);
}

TEST(DriverInformation, SaysWhereAVersionFillsItsField) {
  struct Case {
    std::string written;
    bool may_be_cut;
  };
  for (const Case& each : {
           Case{std::string(30, 'x'), false},
           // The kernel leaves room for a NUL; a driver may not.
           Case{std::string(31, 'x'), true},
           Case{std::string(32, 'x'), true},
           Case{"5719-v1.46 NCSI v1.5.33.0 EFI 1", true},
       }) {
    const auto told = parse_driver_information(struct_of("tg3", "", each.written, "0000:01:00.0"));
    ASSERT_TRUE(told.ok());
    EXPECT_EQ(told->firmware_version, each.written);
    EXPECT_EQ(told->may_be_cut, each.may_be_cut) << each.written;
    EXPECT_EQ(told->bus, "0000:01:00.0");
  }
}

TEST(DriverInformation, HasNoVersionWhereADriverWritesThatThereIsNone) {
  for (const std::string& written :
       {std::string(), std::string("N/A"), std::string("n/a"), std::string(" N/A "),
        std::string("   "), std::string(32, ' '), std::string("\t\r\n")}) {
    const auto told = parse_driver_information(struct_of("virtio_net", "1.0.0", written, "N/A"));
    ASSERT_TRUE(told.ok());
    EXPECT_EQ(told->firmware_version, "") << written;
    EXPECT_FALSE(told->may_be_cut);
    EXPECT_EQ(told->bus, "");
  }
  EXPECT_EQ(parse_driver_information(struct_of("a", "", "N/A2", ""))->firmware_version, "N/A2");
}

TEST(DriverInformation, IsPrintable) {
  const auto told = parse_driver_information(struct_of("a", "", std::string(32, '\x1b'), ""));
  ASSERT_TRUE(told.ok());
  EXPECT_EQ(told->firmware_version.substr(0, 8), "\\x1b\\x1b");
  EXPECT_EQ(told->firmware_version.size(), 128U);
  EXPECT_TRUE(told->may_be_cut);
}

TEST(DriverInformation, ThatIsNotWholeIsRefused) {
  const std::string whole = struct_of("igb", "6.1.0", "3.25", "0000:03:00.0");
  for (size_t size = 0; size < whole.size(); ++size) {
    EXPECT_TRUE(absl::IsInvalidArgument(
        parse_driver_information(std::string_view(whole).substr(0, size)).status()))
        << size;
  }
}

TEST(DriverInformation, OfAnyBytesIsPrintable) {
  std::mt19937 random(20261123);
  const std::string good =
      struct_of("igb", "6.1.0", "3.25, 0x80000681", "0000:03:00.0") + std::string(64, '\0');
  for (int i = 0; i < 2000; ++i) {
    const auto told = parse_driver_information(test::damaged(good, random));
    if (told.ok()) {
      EXPECT_EQ(printable(told->firmware_version), told->firmware_version);
    }
  }
}

}  // namespace
}  // namespace muster::firmware
