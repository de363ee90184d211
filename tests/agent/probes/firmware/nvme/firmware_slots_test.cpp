#include "agent/probes/firmware/nvme/firmware_slots.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/agent/probes/firmware/reply_bytes.h"

namespace muster::nvme {
namespace {

// Offsets of figure 208: two slots, of which the second runs.
test::ReplyBytes two_slots(uint8_t active = 0x02) {
  return test::ReplyBytes(kFirmwareSlotBytes)
      .number<uint8_t>(0, active)
      .text(8, 8, "GDC5602Q")
      .text(16, 8, "GDC5A02Q");
}

TEST(FirmwareSlots, AreReadWithWhichRunsAndWhichIsNext) {
  const auto slots = parse_firmware_slots(two_slots(0x12).text(56, 8, "7").build());
  ASSERT_TRUE(slots.ok()) << slots.status();
  EXPECT_EQ(slots->active, 2);
  EXPECT_EQ(slots->next, 1);
  EXPECT_EQ(slots->revisions,
            (std::array<std::string, kMostSlots>{"GDC5602Q", "GDC5A02Q", "", "", "", "", "7"}));
  // Bits 3 and 7 are reserved.
  const auto all = parse_firmware_slots(two_slots(0xff).build());
  EXPECT_EQ(all->active, 7);
  EXPECT_EQ(all->next, 7);
}

TEST(FirmwareSlots, OfAnotherLengthAreRefused) {
  const std::string whole = two_slots().build();
  for (size_t size = 0; size < whole.size(); ++size)
    ASSERT_TRUE(absl::IsInvalidArgument(parse_firmware_slots(whole.substr(0, size)).status()))
        << size;
  EXPECT_EQ(std::string(parse_firmware_slots(whole + "x").status().message()),
            "the log of firmware slots has 513 bytes, not 512");
}

Controller running(std::string_view firmware, std::optional<uint8_t> slots = 3) {
  Controller controller;
  controller.firmware = firmware;
  controller.slots = slots;
  return controller;
}

TEST(NvmeFirmware, IsToldAsItRunsNowAndAfterTheNextReset) {
  const struct {
    uint8_t active;
    std::string_view now;
    std::string_view next;
  } cases[] = {
      // The controller does not say what is next, or the same slot is.
      {0x02, "GDC5A02Q", ""},
      {0x22, "GDC5A02Q", ""},
      {0x12, "GDC5A02Q", "GDC5602Q"},
      {0x21, "GDC5602Q", "GDC5A02Q"},
      // The slot that was loaded has been written to.
      {0x22, "GDC5602Q", "GDC5A02Q"},
      {0x11, "GDC5402Q", "GDC5602Q"},
  };
  for (const auto& [active, now, next] : cases) {
    const auto told = tell_firmware(running(now), *parse_firmware_slots(two_slots(active).build()));
    ASSERT_TRUE(told.ok()) << told.status();
    EXPECT_EQ(told->running, now);
    EXPECT_EQ(told->next, next) << int{active};
  }
}

TEST(NvmeFirmware, InAnotherSlotIsNoOtherFirmwareIfItIsTheSame) {
  const auto slots = parse_firmware_slots(two_slots(0x21).text(8, 8, "GDC5A02Q").build());
  const auto told = tell_firmware(running("GDC5A02Q"), *slots);
  ASSERT_TRUE(told.ok()) << told.status();
  EXPECT_EQ(told->next, "");
}

TEST(NvmeFirmware, OfAControllerThatDoesNotCountItsSlotsIsToldToo) {
  const auto slots = parse_firmware_slots(two_slots(0x72).text(56, 8, "NEW").build());
  EXPECT_EQ(tell_firmware(running("GDC5A02Q", std::nullopt), *slots)->next, "NEW");
}

TEST(NvmeFirmware, OfALogThatContradictsIsNotTold) {
  const struct {
    uint8_t active;
    std::string_view now;
    std::string_view why;
  } cases[] = {
      {0x02, "", "the controller does not say which firmware runs"},
      {0x00, "GDC5A02Q", "the log does not say which slot runs"},
      {0x20, "GDC5A02Q", "the log does not say which slot runs"},
      {0x04, "GDC5A02Q", "slot 4 runs, and there are 3"},
      {0x03, "GDC5A02Q", "slot 3 runs and holds nothing"},
      {0x01, "GDC5A02Q", "slot 1 runs and holds GDC5602Q, but GDC5A02Q runs"},
      {0x21, "GDC5A02Q", "slot 1 runs and holds GDC5602Q, but GDC5A02Q runs"},
      {0x52, "GDC5A02Q", "slot 5 is next, and there are 3"},
      {0x32, "GDC5A02Q", "slot 3 is next and holds nothing"},
  };
  for (const auto& [active, now, why] : cases) {
    const auto told = tell_firmware(running(now), *parse_firmware_slots(two_slots(active).build()));
    EXPECT_TRUE(absl::IsFailedPrecondition(told.status())) << why;
    EXPECT_EQ(std::string(told.status().message()), why);
  }
  // What no log can say.
  EXPECT_EQ(std::string(tell_firmware(running("A", 255), {.active = 8, .next = 0, .revisions = {}})
                            .status()
                            .message()),
            "slot 8 runs, and there are 7");
}

}  // namespace
}  // namespace muster::nvme
