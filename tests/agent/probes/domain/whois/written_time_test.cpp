#include "agent/probes/domain/whois/written_time.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

#include "common/timestamp.h"

namespace muster::domains::whois {
namespace {

std::string shown(const std::optional<RegistryTime>& time) {
  if (!time) return "none";
  return to_iso8601(time->time) + (time->zone_named ? "" : " no zone");
}

std::string read(std::string_view text, DateOrder order = DateOrder::kUnknown) {
  const auto written = parse_written_time(text);
  return shown(written ? written->read(order) : std::nullopt);
}

struct Case {
  std::string_view text;
  std::string_view expected;
};

TEST(WrittenTime, IsReadInEveryFormThatLeavesNoDoubt) {
  constexpr std::array kCases = {
      Case{"2026-04-03T10:20:30Z", "2026-04-03T10:20:30Z"},
      Case{"2026-04-03T10:20:30.125Z", "2026-04-03T10:20:30Z"},
      Case{"2026-04-03-T10:20:30Z", "2026-04-03T10:20:30Z"},
      Case{"2026-04-03 10:20:30", "2026-04-03T10:20:30Z no zone"},
      Case{"2026-04-03", "2026-04-03T00:00:00Z no zone"},
      Case{"2026-04-03 (YYYY-MM-DD)", "2026-04-03T00:00:00Z no zone"},
      Case{"2026.04.03 10:20:30", "2026-04-03T10:20:30Z no zone"},
      Case{"2026/04/03", "2026-04-03T00:00:00Z no zone"},
      Case{"2026. 04. 03.", "2026-04-03T00:00:00Z no zone"},
      Case{"2026年04月03日", "2026-04-03T00:00:00Z no zone"},
      Case{"20260403", "2026-04-03T00:00:00Z no zone"},
      Case{"20260403 #175298", "2026-04-03T00:00:00Z no zone"},
      Case{"20260403 10:20:30", "2026-04-03T10:20:30Z no zone"},
      Case{"20260403 hostmaster@example.org", "2026-04-03T00:00:00Z no zone"},
      Case{"3.4.2026 10:20:30", "2026-04-03T10:20:30Z no zone"},
      Case{"03-Apr-2026", "2026-04-03T00:00:00Z no zone"},
      Case{"03 April 2026 10:20 UTC", "2026-04-03T10:20:00Z"},
      Case{"2026-Apr-03.", "2026-04-03T00:00:00Z no zone"},
      Case{"April  3 2026", "2026-04-03T00:00:00Z no zone"},
      Case{"Apr 3, 2026", "2026-04-03T00:00:00Z no zone"},
      Case{"3rd April 2026 at 10:20:30.000", "2026-04-03T10:20:30Z no zone"},
      Case{"Fri Apr  3 10:20:30 2026", "2026-04-03T10:20:30Z no zone"},
      Case{"Fri Apr  3 10:20:30 GMT 2026", "2026-04-03T10:20:30Z"},
      Case{"Fri, 3 Apr 2026 10:20:30 GMT", "2026-04-03T10:20:30Z"},
      Case{"25/04/2026 11:20:30 PM", "2026-04-25T23:20:30Z no zone"},
      Case{"04/25/2026 12:20:30 AM", "2026-04-25T00:20:30Z no zone"},
  };
  for (const Case& one : kCases)
    EXPECT_EQ(read(one.text), one.expected) << one.text;
}

TEST(WrittenTime, NamesItsZoneInManyWays) {
  constexpr std::array kCases = {
      Case{"2026-04-03T20:00:00-0700", "2026-04-04T03:00:00Z"},
      Case{"2026-04-03 02:00:00 +03:00", "2026-04-02T23:00:00Z"},
      Case{"2026-04-03 02:00:00+03", "2026-04-02T23:00:00Z"},
      Case{"2026-04-03 00:00:00 (UTC+8)", "2026-04-02T16:00:00Z"},
      Case{"2026-04-03 00:00:00 (GMT+0:00)", "2026-04-03T00:00:00Z"},
      Case{"2026/04/03 04:52:02 (JST)", "2026-04-02T19:52:02Z"},
      Case{"03/04/2026 00:00:00 EET", "none"},
      Case{"13/04/2026 00:00:00 EET", "2026-04-12T22:00:00Z"},
      // A zone that has several meanings is as good as none, and so is one of a day.
      Case{"2026-04-03 00:00:00 CST", "2026-04-03T00:00:00Z no zone"},
      Case{"2026-04-03 (UTC)", "2026-04-03T00:00:00Z no zone"},
  };
  for (const Case& one : kCases)
    EXPECT_EQ(read(one.text), one.expected) << one.text;
}

TEST(WrittenTime, OfTwoReadingsNeedsTheOrder) {
  EXPECT_EQ(read("03/04/2026"), "none");
  EXPECT_EQ(read("03/04/2026", DateOrder::kDayFirst), "2026-04-03T00:00:00Z no zone");
  EXPECT_EQ(read("03/04/2026", DateOrder::kMonthFirst), "2026-03-04T00:00:00Z no zone");
  EXPECT_EQ(read("03-04-2026"), "none");
  EXPECT_EQ(read("04/04/2026"), "2026-04-04T00:00:00Z no zone");
  // No order turns what is no date into one.
  EXPECT_EQ(read("13/04/2026", DateOrder::kMonthFirst), "2026-04-13T00:00:00Z no zone");
  EXPECT_EQ(parse_written_time("13/04/2026")->shows(), DateOrder::kDayFirst);
  EXPECT_EQ(parse_written_time("04/13/2026")->shows(), DateOrder::kMonthFirst);
  EXPECT_EQ(parse_written_time("04/03/2026")->shows(), DateOrder::kUnknown);
}

TEST(WrittenTime, IsNotReadFromWhatIsNoTime) {
  for (const std::string_view text : {"",
                                      "-",
                                      "N/A",
                                      "2026",
                                      "2026-13-01",
                                      "2026-02-29",
                                      "31.4.2026",
                                      "03/04/26",
                                      "0000-00-00",
                                      "9999-12-31",
                                      "1969-12-31",
                                      "2200-01-01",
                                      "2026-04-03 25:00:00",
                                      "2026-04-03 10:61:00",
                                      "before 1 January 1996",
                                      "2026-04-03 until 2027-04-03",
                                      "2026-04-03-2027-04-03",
                                      "30th April each year",
                                      "123456789",
                                      "2026040",
                                      "99999999999999999999-01-01",
                                      "2026-04-03 13:00:00 PM",
                                      "Apr 2026",
                                      "one year",
                                      "2026-Foo-03"})
    EXPECT_EQ(read(text), "none") << text;
  EXPECT_EQ(read("2026-04-03 (" + std::string(112, 'x') + ")"), "2026-04-03T00:00:00Z no zone");
  EXPECT_EQ(read("2026-04-03 (" + std::string(200, 'x') + ")"), "none");
}

}  // namespace
}  // namespace muster::domains::whois
