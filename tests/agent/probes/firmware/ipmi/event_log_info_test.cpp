#include "agent/probes/firmware/ipmi/event_log_info.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/agent/probes/firmware/reply_bytes.h"

namespace muster::ipmi {
namespace {

using namespace std::chrono_literals;

// Bytes of table 31-2, which counts them from 1: 256 of 1024 records.
test::ReplyBytes quarter() {
  return test::ReplyBytes(15)
      .number<uint8_t>(1, 0x51)
      .number<uint16_t>(2, 256)
      .number<uint16_t>(4, 768 * 16)
      .number<uint32_t>(6, 1'795'372'876)
      .number<uint32_t>(10, 0xffffffff)
      .number<uint8_t>(14, 0x02);
}

TEST(EventLogInfo, TellsHowFullTheLogIs) {
  const auto info = parse_event_log_info(quarter().build());
  ASSERT_TRUE(info.ok()) << info.status();
  EXPECT_EQ(info->entries, 256);
  EXPECT_EQ(info->free_bytes, 768 * 16);
  EXPECT_EQ(info->percent_used, 25);
  EXPECT_FALSE(info->overflowed);
  EXPECT_EQ(info->last_addition, std::chrono::sys_days(2026y / 11 / 22) + 18h + 41min + 16s);
}

TEST(EventLogInfo, PercentAreToldWhereTheyCanBe) {
  const struct {
    uint16_t entries;
    uint16_t free_bytes;
    std::optional<int> percent;
  } cases[] = {
      {0, 16384, 0},
      {1, 16384, 0},
      {512, 0, 100},
      {1023, 16, 99},
      {0xffff, 0, 100},
      {0xffff, 0xfffe, 94},
      // 65535 bytes or more.
      {256, 0xffff, std::nullopt},
      {0, 0, std::nullopt},
  };
  for (const auto& [entries, free_bytes, percent] : cases) {
    const auto info = parse_event_log_info(
        quarter().number<uint16_t>(2, entries).number<uint16_t>(4, free_bytes).build());
    EXPECT_EQ(info->percent_used, percent) << entries << " " << free_bytes;
  }
  EXPECT_EQ(parse_event_log_info(quarter().number<uint16_t>(4, 0xffff).build())->free_bytes,
            std::nullopt);
}

TEST(EventLogInfo, TellsThatEventsWereLost) {
  EXPECT_TRUE(parse_event_log_info(quarter().number<uint8_t>(14, 0x80).build())->overflowed);
  EXPECT_FALSE(parse_event_log_info(quarter().number<uint8_t>(14, 0x7f).build())->overflowed);
}

TEST(EventLogInfo, TimesThatAreNoneAreUnset) {
  const auto at = [](uint32_t timestamp) {
    return parse_event_log_info(quarter().number<uint32_t>(6, timestamp).build())->last_addition;
  };
  EXPECT_EQ(at(0), std::nullopt);
  EXPECT_EQ(at(0x20000000), std::nullopt);
  EXPECT_EQ(at(0xffffffff), std::nullopt);
  EXPECT_EQ(at(0x20000001), std::chrono::sys_seconds(0x20000001s));
  EXPECT_EQ(at(0xfffffffe), std::chrono::sys_seconds(0xfffffffes));
}

TEST(EventLogInfo, ThatIsNoneIsRefusedWithAReason) {
  const std::string whole = quarter().build();
  for (size_t size = 0; size < whole.size(); ++size)
    ASSERT_TRUE(absl::IsInvalidArgument(parse_event_log_info(whole.substr(0, size)).status()))
        << size;
  EXPECT_EQ(parse_event_log_info(whole.substr(0, 14)).status(),
            absl::InvalidArgumentError("the response to Get SEL Info has 14 bytes, not 15"));
  EXPECT_TRUE(parse_event_log_info(whole + "more").ok());
  EXPECT_EQ(parse_event_log_info("\x81").status(),
            absl::UnavailableError("Get SEL Info was refused: the log is being erased (81h)"));
  EXPECT_EQ(parse_event_log_info("\xc1").status(),
            absl::UnavailableError("Get SEL Info was refused: it does not know the command (C1h)"));
}

}  // namespace
}  // namespace muster::ipmi
