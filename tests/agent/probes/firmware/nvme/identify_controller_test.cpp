#include "agent/probes/firmware/nvme/identify_controller.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/agent/probes/firmware/reply_bytes.h"

namespace muster::nvme {
namespace {

// Offsets of figure 275.
test::ReplyBytes samsung() {
  return test::ReplyBytes(kIdentifyBytes)
      .number<uint16_t>(0, 0x144d)
      .number<uint16_t>(2, 0x1028)
      .text(4, 20, "S64GNE0R100001")
      .text(24, 40, "SAMSUNG MZQL21T9HCJR-00A07")
      .text(64, 8, "GDC5A02Q")
      .number<uint32_t>(80, 0x00010400)
      .number<uint8_t>(111, 1)
      .number<uint16_t>(256, 0x005f)
      .number<uint8_t>(260, 0x17);
}

TEST(IdentifyController, TellsWhatTheDriveIs) {
  const auto controller = parse_identify_controller(samsung().build());
  ASSERT_TRUE(controller.ok()) << controller.status();
  EXPECT_EQ(controller->vendor_id, 0x144d);
  EXPECT_EQ(controller->subsystem_vendor_id, 0x1028);
  EXPECT_EQ(controller->serial, "S64GNE0R100001");
  EXPECT_EQ(controller->model, "SAMSUNG MZQL21T9HCJR-00A07");
  EXPECT_EQ(controller->firmware, "GDC5A02Q");
  EXPECT_EQ(controller->specification, "1.4.0");
  EXPECT_EQ(controller->type, "I/O");
}

TEST(IdentifyController, TellsHowItTakesFirmware) {
  // FRMW 17h: slot 1 can only be read, there are three, and none needs a reset.
  const auto controller = parse_identify_controller(samsung().build());
  ASSERT_TRUE(controller.ok()) << controller.status();
  EXPECT_TRUE(controller->takes_firmware);
  EXPECT_EQ(controller->slots, 3);
  EXPECT_TRUE(controller->first_slot_read_only);
  EXPECT_TRUE(controller->activates_without_reset);
  const struct {
    uint8_t frmw;
    std::optional<uint8_t> slots;
    bool read_only;
    bool without_reset;
  } cases[] = {
      {0x02, 1, false, false},
      {0x0e, 7, false, false},
      {0x13, 1, true, true},
      // Bits 5 to 7 are of other matters.
      {0xe4, 2, false, false},
      {0x00, std::nullopt, false, false},
  };
  for (const auto& [frmw, slots, read_only, without_reset] : cases) {
    const auto each = parse_identify_controller(samsung().number<uint8_t>(260, frmw).build());
    ASSERT_TRUE(each.ok()) << each.status();
    EXPECT_EQ(each->slots, slots) << int{frmw};
    EXPECT_EQ(each->first_slot_read_only, read_only) << int{frmw};
    EXPECT_EQ(each->activates_without_reset, without_reset) << int{frmw};
  }
  EXPECT_FALSE(
      parse_identify_controller(samsung().number<uint16_t>(256, 0xfffb).build())->takes_firmware);
}

// As a TOSHIBA THNSN5512GPU7 answered, in the test data that fwupd had in 2018: a drive of before
// NVMe 1.2, whose serial number has its blanks in front (the digits here are made up).
TEST(IdentifyController, OfAnOldDriveLeavesOutWhatThereWasNotYet) {
  const auto controller = parse_identify_controller(test::ReplyBytes(kIdentifyBytes)
                                                        .number<uint16_t>(0, 0x1179)
                                                        .number<uint16_t>(2, 0x1179)
                                                        .text(4, 20, "        37RS00000001")
                                                        .text(24, 40, "THNSN5512GPU7 TOSHIBA")
                                                        .text(64, 8, "410557LA")
                                                        .number<uint16_t>(256, 0x0007)
                                                        .number<uint8_t>(260, 0x02)
                                                        .build());
  ASSERT_TRUE(controller.ok()) << controller.status();
  EXPECT_EQ(controller->serial, "37RS00000001");
  EXPECT_EQ(controller->model, "THNSN5512GPU7 TOSHIBA");
  EXPECT_EQ(controller->firmware, "410557LA");
  EXPECT_EQ(controller->specification, "");
  EXPECT_EQ(controller->type, "");
  EXPECT_TRUE(controller->takes_firmware);
  EXPECT_EQ(controller->slots, 1);
}

TEST(IdentifyController, TypesAreInWords) {
  const std::pair<uint8_t, std::string_view> cases[] = {
      {0, ""}, {1, "I/O"}, {2, "discovery"}, {3, "administrative"}, {4, ""}, {255, ""}};
  for (const auto& [type, word] : cases)
    EXPECT_EQ(parse_identify_controller(samsung().number<uint8_t>(111, type).build())->type, word);
}

TEST(IdentifyController, TextsAreSafeToShow) {
  const std::string_view text_with_zeros("2.0\0\0\0\0\0", 8);
  EXPECT_EQ(parse_identify_controller(samsung().text(64, 8, text_with_zeros).build())->firmware,
            "2.0");
  EXPECT_EQ(parse_identify_controller(samsung().text(64, 8, "\x1b[2J\n\xff").build())->firmware,
            "\\x1b[2J\\x0a\xef\xbf\xbd");
  const std::string bells(40, '\a');
  const auto longest = parse_identify_controller(samsung().text(24, 40, bells).build());
  EXPECT_EQ(longest->model.size(), 160u);
  EXPECT_EQ(parse_identify_controller(test::ReplyBytes(kIdentifyBytes).build())->firmware, "");
  EXPECT_TRUE(parse_identify_controller(std::string(kIdentifyBytes, '\xff')).ok());
}

TEST(IdentifyController, OfAnotherLengthIsRefused) {
  const std::string whole = samsung().build();
  for (size_t size = 0; size < whole.size(); ++size)
    ASSERT_TRUE(absl::IsInvalidArgument(parse_identify_controller(whole.substr(0, size)).status()))
        << size;
  EXPECT_EQ(std::string(parse_identify_controller(whole.substr(1)).status().message()),
            "Identify Controller has 4095 bytes, not 4096");
  EXPECT_EQ(std::string(parse_identify_controller(whole + "x").status().message()),
            "Identify Controller has 4097 bytes, not 4096");
}

}  // namespace
}  // namespace muster::nvme
