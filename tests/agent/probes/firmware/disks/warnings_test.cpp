#include "agent/probes/firmware/disks/warnings.h"

#include <gtest/gtest.h>

#include <optional>
#include <random>
#include <string>
#include <string_view>

#include "common/text.h"
#include "tests/common/damaged_bytes.h"

namespace muster::firmware {
namespace {

using namespace std::string_view_literals;

// A log page of parameters: code, control, length, value.
std::string log_page(std::string_view parameters, uint8_t code = 0x2f) {
  std::string page(4, '\0');
  page[0] = static_cast<char>(code);
  page[3] = static_cast<char>(parameters.size());
  return page + std::string(parameters);
}

std::string warning(uint8_t code, uint8_t qualifier, uint8_t temperature) {
  std::string parameter("\0\0\x03\x04", 4);
  for (const int byte : {int{code}, int{qualifier}, int{temperature}, 0})
    parameter += static_cast<char>(byte);
  return log_page(parameter);
}

TEST(DiskWarning, TellsWhatADiskWarnsOf) {
  struct Case {
    uint8_t code, qualifier, temperature;
    bool predicts_failure;
    const char* words;
    std::optional<uint8_t> told_temperature;
  };
  for (const Case& each : {
           Case{0, 0, 34, false, "", 34},
           Case{0x5d, 0x14, 41, true,
                "a failure of its hardware is predicted: too many blocks reassigned", 41},
           Case{0x5d, 0x00, 0, true, "a failure is predicted", std::nullopt},
           Case{0x5d, 0x73, 0xff, true, "its medium has been written as often as it endures",
                std::nullopt},
           // Of a maker: still a prediction.
           Case{0x5d, 0x92, 30, true, "a failure is predicted", 30},
           Case{0x5d, 0xff, 30, false, "a prediction that is only a test", 30},
           Case{0x0b, 0x01, 70, false, "it is hotter than it should be", 70},
           Case{0x5e, 0x01, 30, false, "5e/01", 30},
       }) {
    const auto told = parse_disk_warning(warning(each.code, each.qualifier, each.temperature));
    ASSERT_TRUE(told.ok()) << told.status();
    EXPECT_EQ(told->code, each.code);
    EXPECT_EQ(told->qualifier, each.qualifier);
    EXPECT_EQ(told->predicts_failure, each.predicts_failure) << each.words;
    EXPECT_EQ(told->words, each.words);
    EXPECT_EQ(told->temperature, each.told_temperature);
  }
}

TEST(DiskWarning, IsFoundBehindOtherParametersAndBeforeThem) {
  const auto told = parse_disk_warning(log_page("\x00\x01\x03\x02xy\0\0\x03\x02\x5d\x10"sv));
  ASSERT_TRUE(told.ok()) << told.status();
  EXPECT_TRUE(told->predicts_failure);
  EXPECT_EQ(told->temperature, std::nullopt);
  EXPECT_TRUE(parse_disk_warning(log_page("\0\0\x03\x02\x5d\x10\x80\0\x03\x01z"sv)).ok());
  // Bit 7 of the first byte says that nothing was changed since it was stored.
  EXPECT_TRUE(parse_disk_warning(log_page("\0\0\x03\x02\x5d\x10"sv, 0xaf)).ok());
}

TEST(DiskWarning, IsNotTakenFromOtherPages) {
  std::string subpage = warning(0x5d, 0x10, 30);
  subpage[1] = '\x01';
  for (const std::string& page : {
           log_page("\0\0\x03\x02\x5d\x10"sv, 0x0d),
           log_page("\0\0\x03\x02\x5d\x10"sv, 0x6f),
           subpage,
           // Without parameters, with another, with one that is too short for both codes.
           log_page(""),
           log_page("\x00\x01\x03\x02xy"sv),
           log_page("\0\0\x03\x01\x5d"sv),
           // A parameter that says that it is longer than the page.
           log_page("\0\0\x03\xff\x5d\x10"sv),
           log_page("\0\0\x03"sv),
       }) {
    EXPECT_TRUE(absl::IsInvalidArgument(parse_disk_warning(page).status())) << page.size();
  }
}

TEST(DiskWarning, ThatIsNotWholeIsRefused) {
  const std::string whole = warning(0x5d, 0x10, 30);
  for (size_t size = 0; size < whole.size(); ++size)
    EXPECT_TRUE(absl::IsInvalidArgument(parse_disk_warning(whole.substr(0, size)).status()))
        << size;
  EXPECT_TRUE(parse_disk_warning(whole + "what is behind it in the buffer").ok());
}

TEST(DiskWarning, OfAnyBytesHasWordsOrNone) {
  std::mt19937 random(20261123);
  for (int i = 0; i < 5000; ++i) {
    const auto told = parse_disk_warning(test::damaged(warning(0x5d, 0x14, 34), random));
    if (told.ok()) {
      EXPECT_EQ(told->words.empty(), told->code == 0 && told->qualifier == 0);
    }
  }
}

}  // namespace
}  // namespace muster::firmware
