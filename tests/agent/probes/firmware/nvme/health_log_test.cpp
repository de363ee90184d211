#include "agent/probes/firmware/nvme/health_log.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>

#include "tests/agent/probes/firmware/reply_bytes.h"

namespace muster::nvme {
namespace {

// Offsets of figure 207.
test::ReplyBytes healthy() {
  return test::ReplyBytes(kHealthLogBytes)
      .number<uint16_t>(1, 311)
      .number<uint8_t>(3, 100)
      .number<uint8_t>(4, 10)
      .number<uint8_t>(5, 3)
      .number<uint64_t>(128, 21'904)
      .number<uint64_t>(144, 17);
}

TEST(HealthLog, OfAHealthyDriveHasNoWarnings) {
  const auto log = parse_health_log(healthy().build());
  ASSERT_TRUE(log.ok()) << log.status();
  EXPECT_TRUE(log->warnings.empty());
  EXPECT_EQ(log->temperature, 38);
  EXPECT_EQ(log->spare, 100);
  EXPECT_EQ(log->spare_threshold, 10);
  EXPECT_EQ(log->percentage_used, 3);
  EXPECT_EQ(log->power_on_hours, 21'904u);
  EXPECT_EQ(log->unsafe_shutdowns, 17u);
  EXPECT_EQ(log->media_errors, 0u);
}

TEST(HealthLog, SaysInWordsWhatIsCritical) {
  const std::pair<uint8_t, std::string_view> cases[] = {
      {0x01, "few spare blocks are left"},
      {0x02, "it is too hot or too cold"},
      {0x04, "it is less reliable, after errors of media or within"},
      {0x08, "it can only be read"},
      {0x10, "what saves its memory at a loss of power has failed"},
      {0x20, "its persistent memory region can only be read or is unreliable"},
      {0x40, "an unknown warning (bit 6)"},
      {0x80, "an unknown warning (bit 7)"},
  };
  for (const auto& [bits, words] : cases) {
    const auto log = parse_health_log(healthy().number<uint8_t>(0, bits).build());
    EXPECT_EQ(log->warnings, std::vector<std::string>{std::string(words)});
  }
  EXPECT_EQ(parse_health_log(healthy().number<uint8_t>(0, 0x09).build())->warnings,
            (std::vector<std::string>{"few spare blocks are left", "it can only be read"}));
  EXPECT_EQ(parse_health_log(healthy().number<uint8_t>(0, 0xff).build())->warnings.size(), 8u);
}

TEST(HealthLog, OfAWornDriveIsReadBeyondItsEnd) {
  const auto log = parse_health_log(
      healthy().number<uint8_t>(3, 0).number<uint8_t>(5, 255).number<uint64_t>(160, 42).build());
  EXPECT_EQ(log->spare, 0);
  EXPECT_EQ(log->percentage_used, 255);
  EXPECT_EQ(log->media_errors, 42u);
}

TEST(HealthLog, LeavesOutWhatCannotBe) {
  const auto log = parse_health_log(
      healthy().number<uint16_t>(1, 0).number<uint8_t>(3, 101).number<uint8_t>(4, 255).build());
  EXPECT_EQ(log->temperature, std::nullopt);
  EXPECT_EQ(log->spare, std::nullopt);
  EXPECT_EQ(log->spare_threshold, std::nullopt);
  EXPECT_EQ(parse_health_log(healthy().number<uint16_t>(1, 1).build())->temperature, -272);
  EXPECT_EQ(parse_health_log(healthy().number<uint16_t>(1, 0xffff).build())->temperature, 65262);
}

TEST(HealthLog, CountersOf128BitsEndAtThoseOf64) {
  constexpr uint64_t kMost = std::numeric_limits<uint64_t>::max();
  const auto all = parse_health_log(std::string(kHealthLogBytes, '\xff'));
  EXPECT_EQ(all->power_on_hours, kMost);
  EXPECT_EQ(all->unsafe_shutdowns, kMost);
  EXPECT_EQ(all->media_errors, kMost);
  EXPECT_EQ(parse_health_log(healthy().number<uint8_t>(136, 1).build())->power_on_hours, kMost);
  EXPECT_EQ(parse_health_log(healthy().number<uint8_t>(159, 1).build())->unsafe_shutdowns, kMost);
  EXPECT_EQ(parse_health_log(healthy().number<uint64_t>(160, kMost - 1).build())->media_errors,
            kMost - 1);
}

TEST(HealthLog, OfAnotherLengthIsRefused) {
  const std::string whole = healthy().build();
  for (size_t size = 0; size < whole.size(); ++size)
    ASSERT_TRUE(absl::IsInvalidArgument(parse_health_log(whole.substr(0, size)).status())) << size;
  EXPECT_EQ(std::string(parse_health_log(whole + "x").status().message()),
            "the log of health has 513 bytes, not 512");
}

}  // namespace
}  // namespace muster::nvme
