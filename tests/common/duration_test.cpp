#include "common/duration.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace muster {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

TEST(ParseDuration, ReadsWhatPeopleWrite) {
  struct Case {
    std::string text;
    Duration duration;
  };
  for (const Case& c : {Case{"0s", seconds(0)},
                        {"90s", seconds(90)},
                        {"15m", minutes(15)},
                        {"1h30m", minutes(90)},
                        {"14d", days(14)},
                        {"2w", days(14)},
                        {"1w2d3h4m5s6ms", days(9) + hours(3) + seconds(245) + milliseconds(6)},
                        {"250ms", milliseconds(250)},
                        {"1m250ms", minutes(1) + milliseconds(250)},
                        {"3653d", days(3653)}}) {
    const absl::StatusOr<Duration> parsed = parse_duration(c.text);
    ASSERT_TRUE(parsed.ok()) << parsed.status();
    EXPECT_EQ(*parsed, c.duration) << c.text;
  }
}

TEST(ParseDuration, RefusesWhatCouldBeMeantTwoWays) {
  for (const std::string text : {"", "15", "-5m", "+5m", "1.5h", "5 m", " 5m", "5m ", "5M", "m",
                                 "5x", "5m5m", "5s1h", "1h30", "5us", "99999999999s"}) {
    const absl::Status status = parse_duration(text).status();
    EXPECT_EQ(status, absl::InvalidArgumentError(
                          "'" + text + "' is not a duration: write it like 90s, 15m, 1h30m, 14d"));
  }
}

TEST(ParseDuration, RefusesMoreThanTenYears) {
  for (const std::string text : {"3654d", "3653d1s", "4294967295w", "4294967295s"}) {
    EXPECT_EQ(parse_duration(text).status(),
              absl::InvalidArgumentError("'" + text + "' is more than ten years"));
  }
}

TEST(FormatDuration, IsReadBack) {
  struct Case {
    Duration duration;
    std::string text;
  };
  for (const Case& c : {Case{seconds(0), "0s"},
                        {minutes(90), "1h30m"},
                        {days(14), "14d"},
                        {milliseconds(61'250), "1m1s250ms"}}) {
    EXPECT_EQ(format_duration(c.duration), c.text);
    EXPECT_EQ(parse_duration(c.text).value(), c.duration);
  }
}

TEST(DescribeDuration, NamesTheLargestUnit) {
  struct Case {
    Duration duration;
    std::string text;
  };
  for (const Case& c : {Case{milliseconds(999), "0 seconds"},
                        {seconds(1), "1 second"},
                        {seconds(59), "59 seconds"},
                        {seconds(119), "1 minute"},
                        {hours(23), "23 hours"},
                        {days(1), "1 day"},
                        {days(9) + hours(23), "9 days"},
                        {-hours(1), "0 seconds"}}) {
    EXPECT_EQ(describe_duration(c.duration), c.text);
  }
}

}  // namespace
}  // namespace muster
