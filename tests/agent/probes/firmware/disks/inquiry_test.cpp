#include "agent/probes/firmware/disks/inquiry.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <string_view>

#include "agent/probes/firmware/disks/disk_bytes.h"
#include "common/text.h"
#include "tests/agent/probes/firmware/disks/disk_builder.h"
#include "tests/common/damaged_bytes.h"

namespace muster::firmware {
namespace {

using test::ata_information;
using test::product_data;

// SPC-4, Standard INQUIRY data: type, removable, version, format, how many bytes follow, three of
// flags; 8 of a vendor, 16 of a product, 4 of a revision.
std::string inquiry(uint8_t type, uint8_t removable, uint8_t follow, std::string_view names) {
  std::string bytes{static_cast<char>(type), static_cast<char>(removable), 6, 2,
                    static_cast<char>(follow)};
  bytes.resize(8, '\0');
  return bytes + std::string(names);
}

constexpr std::string_view kNames = "SEAGATE ST1200MM0009    CN05";

TEST(Inquiry, TellsADiskAndItsRevision) {
  const auto disk = parse_inquiry(inquiry(0, 0, 0x8b, kNames));
  ASSERT_TRUE(disk.ok()) << disk.status();
  EXPECT_EQ(disk->device_type, 0);
  EXPECT_TRUE(disk->connected);
  EXPECT_FALSE(disk->removable);
  EXPECT_EQ(disk->vendor, "SEAGATE");
  EXPECT_EQ(disk->product, "ST1200MM0009");
  EXPECT_EQ(disk->revision, "CN05");
}

TEST(Inquiry, TellsWhatKindOfDeviceItIs) {
  EXPECT_EQ(parse_inquiry(inquiry(0x14, 0, 31, kNames))->device_type, 0x14);
  EXPECT_TRUE(parse_inquiry(inquiry(5, 0x80, 31, kNames))->removable);
  // Qualifier 3: there can be nothing behind that address. Qualifier 1: there is nothing now.
  EXPECT_FALSE(parse_inquiry(inquiry(0x7f, 0, 31, kNames))->connected);
  EXPECT_FALSE(parse_inquiry(inquiry(0x20, 0, 31, kNames))->connected);
}

TEST(Inquiry, IsFilledWithBlanksOrAgainstTheSpecificationWithNul) {
  const auto disk =
      parse_inquiry(inquiry(0, 0, 31, std::string("AB\0\0\0\0\0\0   X  Y         \0\0 1", 28)));
  ASSERT_TRUE(disk.ok());
  EXPECT_EQ(disk->vendor, "AB");
  EXPECT_EQ(disk->product, "X  Y");
  EXPECT_EQ(disk->revision, "1");
  EXPECT_EQ(parse_inquiry(inquiry(0, 0, 31, std::string(28, '\x7f')))->revision,
            "\\x7f\\x7f\\x7f\\x7f");
}

TEST(Inquiry, ThatIsNotWholeIsRefused) {
  const std::string whole = inquiry(0, 0, 31, kNames);
  ASSERT_TRUE(parse_inquiry(whole).ok());
  for (size_t size = 0; size < whole.size(); ++size)
    EXPECT_TRUE(absl::IsInvalidArgument(parse_inquiry(whole.substr(0, size)).status())) << size;
  // One that says so itself, in a buffer that is larger.
  EXPECT_TRUE(absl::IsInvalidArgument(parse_inquiry(inquiry(0, 0, 30, kNames)).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(parse_inquiry(inquiry(0, 0, 0, kNames)).status()));
}

TEST(UnitSerial, IsATextOfThePage) {
  EXPECT_EQ(*parse_unit_serial(product_data(0x80, "    S0K0A1BC    ")), "S0K0A1BC");
  // Blank where a disk has none; of a length of nothing too.
  EXPECT_EQ(*parse_unit_serial(product_data(0x80, "        ")), "");
  EXPECT_EQ(*parse_unit_serial(product_data(0x80, "")), "");
  // What is behind the page in the buffer is not its.
  EXPECT_EQ(*parse_unit_serial(product_data(0x80, "AB") + "CD"), "AB");
}

TEST(UnitSerial, IsBounded) {
  EXPECT_EQ(parse_unit_serial(product_data(0x80, std::string(4000, 'x')))->size(),
            kLongestDiskText);
}

TEST(UnitSerial, OfAnotherPageOrOneThatIsCutOffIsRefused) {
  const std::string whole = product_data(0x80, "S0K0A1BC");
  for (size_t size = 0; size < whole.size(); ++size)
    EXPECT_TRUE(absl::IsInvalidArgument(parse_unit_serial(whole.substr(0, size)).status())) << size;
  EXPECT_TRUE(absl::IsInvalidArgument(parse_unit_serial(product_data(0x83, "x")).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(
      parse_unit_serial(std::string("\0\x80\xff\xff", 4) + std::string(4096, 'x')).status()));
}

TEST(AtaInformation, TellsTheDiskBehindATranslator) {
  const auto told = parse_ata_information(ata_information(0xec, test::example_identity().build()));
  ASSERT_TRUE(told.ok()) << told.status();
  EXPECT_EQ(told->translator_vendor, "LINUX");
  EXPECT_EQ(told->translator_product, "libata");
  EXPECT_EQ(told->translator_revision, "3.00");
  EXPECT_EQ(told->disk.firmware, "83.H0A83");
  // Its length is 238h (SAT-4).
  const std::string page = ata_information(0xec, test::example_identity().build());
  EXPECT_EQ(page.size(), 572U);
  EXPECT_EQ(page.substr(0, 4), std::string("\x00\x89\x02\x38", 4));
}

TEST(AtaInformation, IsOfIdentifyDeviceOrItsLikeForPackets) {
  const std::string identity = test::example_identity().build();
  EXPECT_TRUE(parse_ata_information(ata_information(0xa1, identity)).ok());
  for (const int command : {0x00, 0xeb, 0xff}) {
    EXPECT_TRUE(absl::IsInvalidArgument(
        parse_ata_information(ata_information(static_cast<uint8_t>(command), identity)).status()));
  }
}

TEST(AtaInformation, ThatIsNotWholeIsRefused) {
  const std::string identity = test::example_identity().build();
  const std::string whole = ata_information(0xec, identity);
  for (size_t size = 0; size < whole.size(); ++size) {
    EXPECT_TRUE(absl::IsInvalidArgument(parse_ata_information(whole.substr(0, size)).status()));
    // The same in a page that is as long as it says.
    if (size < 4) continue;
    const std::string cut = product_data(0x89, whole.substr(4, size - 4));
    EXPECT_TRUE(absl::IsInvalidArgument(parse_ata_information(cut).status())) << size;
  }
  EXPECT_TRUE(absl::IsInvalidArgument(parse_ata_information(product_data(0x80, whole)).status()));
}

TEST(Inquiry, OfAnyBytesIsPrintable) {
  std::mt19937 random(20261123);
  const std::string identity = test::example_identity().word(255, 0).build();
  for (int i = 0; i < 3000; ++i) {
    const auto disk = parse_inquiry(test::damaged(inquiry(0, 0, 31, kNames), random));
    if (disk.ok()) {
      EXPECT_EQ(printable(disk->product), disk->product);
    }
    const auto serial = parse_unit_serial(test::damaged(product_data(0x80, "S0K0A1BC"), random));
    if (serial.ok()) {
      EXPECT_EQ(printable(*serial), *serial);
    }
    const auto told = parse_ata_information(test::damaged(ata_information(0xec, identity), random));
    if (told.ok()) {
      EXPECT_EQ(printable(told->disk.model), told->disk.model);
    }
  }
}

}  // namespace
}  // namespace muster::firmware
