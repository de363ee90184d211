#include "agent/probes/firmware/disks/ata_registers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <string_view>

#include "tests/agent/probes/firmware/disks/disk_builder.h"
#include "tests/common/damaged_bytes.h"

namespace muster::firmware {
namespace {

using namespace std::string_view_literals;
using test::registers_sense;

// Fixed sense data as a disk at USB brought it after STANDBY (a report to hdparm, patch 53): error
// 00h, status 50h, device 40h, count 3Ch, and that a command of 48 bits was given.
constexpr std::string_view kRecorded =
    "\xf0\0\x01\0\x50\x40\x3c\x0a\x80\0\0\0\0\x1d\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"sv;

std::string fixed(char lba_middle, char lba_high) {
  std::string bytes(kRecorded);
  bytes[10] = lba_middle;
  bytes[11] = lba_high;
  return bytes;
}

TEST(AtaRegisters, AreInADescriptorOrInFixedSenseData) {
  const auto told = parse_ata_registers(registers_sense(0x50, 0x04, 0x4f, 0xc2));
  ASSERT_TRUE(told.ok()) << told.status();
  EXPECT_EQ(told->status, 0x50);
  EXPECT_EQ(told->error, 0x04);
  EXPECT_EQ(told->lba_middle, 0x4f);
  EXPECT_EQ(told->lba_high, 0xc2);
  const auto recorded = parse_ata_registers(kRecorded);
  ASSERT_TRUE(recorded.ok()) << recorded.status();
  EXPECT_EQ(recorded->status, 0x50);
  EXPECT_EQ(recorded->error, 0);
  EXPECT_EQ(recorded->lba_middle, 0);
}

TEST(SmartStatus, IsInTwoRegisters) {
  struct Case {
    std::string sense;
    SmartStatus status;
  };
  for (const Case& each : {
           Case{registers_sense(0x50, 0, 0x4f, 0xc2), SmartStatus::kNoFailurePredicted},
           Case{registers_sense(0x50, 0, 0xf4, 0x2c), SmartStatus::kFailurePredicted},
           Case{fixed('\x4f', '\xc2'), SmartStatus::kNoFailurePredicted},
           Case{fixed('\xf4', '\x2c'), SmartStatus::kFailurePredicted},
       }) {
    const auto status = parse_smart_status(each.sense);
    ASSERT_TRUE(status.ok()) << status.status();
    EXPECT_EQ(*status, each.status);
  }
}

TEST(SmartStatus, ThatIsNotToldIsNeitherGoodNorBad) {
  for (const std::string& sense : {
           // One register of each, none, the other way round.
           registers_sense(0x50, 0, 0x4f, 0x2c),
           registers_sense(0x50, 0, 0xf4, 0xc2),
           registers_sense(0x50, 0, 0x00, 0x00),
           registers_sense(0x50, 0, 0xc2, 0x4f),
           std::string(kRecorded),
       }) {
    EXPECT_TRUE(absl::IsInvalidArgument(parse_smart_status(sense).status()));
  }
}

TEST(SmartStatus, OfADiskThatRefusesIsItsRefusal) {
  for (const int status : {0x51, 0x71, 0x70}) {
    const absl::Status told =
        parse_smart_status(registers_sense(static_cast<uint8_t>(status), 0x04, 0x4f, 0xc2))
            .status();
    EXPECT_TRUE(absl::IsFailedPrecondition(told)) << told;
    EXPECT_THAT(std::string(told.message()), ::testing::HasSubstr("error 04"));
  }
}

TEST(AtaRegisters, AreNotTakenFromOtherSenseData) {
  std::string other_descriptor = registers_sense(0x50, 0, 0x4f, 0xc2);
  other_descriptor[8] = 0x0a;
  std::string short_descriptor = registers_sense(0x50, 0, 0x4f, 0xc2);
  short_descriptor[9] = 0x0b;
  // A command that was refused: the same bytes mean another thing.
  std::string refused = fixed('\x4f', '\xc2');
  refused[12] = '\x20';
  refused[13] = '\0';
  for (const std::string& sense : {std::string(), other_descriptor, short_descriptor, refused}) {
    EXPECT_TRUE(absl::IsInvalidArgument(parse_ata_registers(sense).status()));
  }
}

TEST(AtaRegisters, ThatAreNotWholeAreRefused) {
  const std::string whole = registers_sense(0x50, 0, 0x4f, 0xc2);
  for (size_t size = 0; size < whole.size(); ++size)
    EXPECT_FALSE(parse_ata_registers(whole.substr(0, size)).ok()) << size;
  for (size_t size = 0; size < 14; ++size)
    EXPECT_FALSE(parse_ata_registers(kRecorded.substr(0, size)).ok()) << size;
  EXPECT_TRUE(parse_ata_registers(kRecorded.substr(0, 14)).ok());
}

TEST(SmartStatus, OfAnyBytesIsToldOrNot) {
  std::mt19937 random(20261123);
  for (int i = 0; i < 5000; ++i) {
    static_cast<void>(
        parse_smart_status(test::damaged(registers_sense(0x50, 0, 0x4f, 0xc2), random)));
    static_cast<void>(parse_smart_status(test::damaged(fixed('\x4f', '\xc2'), random)));
  }
}

}  // namespace
}  // namespace muster::firmware
