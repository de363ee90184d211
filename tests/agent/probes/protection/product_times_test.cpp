#include "agent/probes/protection/product_times.h"

#include <gtest/gtest.h>

#include <string>

#include "common/timestamp.h"
#include "tests/agent/probes/test_root.h"

namespace muster::protection {
namespace {

std::string text_of(const std::optional<TimePoint>& time) {
  return time ? to_iso8601(*time) : "none";
}

TEST(ProductTimes, AreReadInTheFormsThatProductsWrite) {
  EXPECT_EQ(text_of(parse_iso_time("2026-11-22T18:41:17Z")), "2026-11-22T18:41:17Z");
  EXPECT_EQ(text_of(parse_iso_time("2026-11-22T18:41:17.123456789Z")), "2026-11-22T18:41:17Z");
  EXPECT_EQ(text_of(parse_iso_time("2026-11-22T18:41:17+01:00")), "2026-11-22T17:41:17Z");
  EXPECT_EQ(text_of(parse_iso_time("2026-11-22T18:41:17+0100")), "2026-11-22T17:41:17Z");
  EXPECT_EQ(text_of(parse_iso_time("2026-11-22 18:41:17 -0500")), "2026-11-22T23:41:17Z");
  EXPECT_EQ(text_of(parse_ctime("Sun Nov  1 08:01:07 2026\n", absl::UTCTimeZone())),
            "2026-11-01T08:01:07Z");
  EXPECT_EQ(text_of(parse_unix_time("1795372876")), "2026-11-22T18:41:16Z");
  EXPECT_EQ(text_of(parse_unix_time("1795372876.25")), "2026-11-22T18:41:16Z");
  EXPECT_EQ(text_of(parse_time("22 Nov 2026 18-41 +0000", {"%d %b %Y %H-%M %z"})),
            "2026-11-22T18:41:00Z");
}

TEST(ProductTimes, OfAnotherFormAreNone) {
  for (const char* text : {"", "never", "2026-11-22", "2026-13-22T18:41:17Z", "infinite-future",
                           "2026-11-22T18:41:17Z trailing", "9999999-11-22T18:41:17Z"}) {
    EXPECT_EQ(text_of(parse_iso_time(text)), "none") << text;
  }
  for (const char* text : {"", "-1", "12x", "99999999999999999999", "1795372876.2x"}) {
    EXPECT_EQ(text_of(parse_unix_time(text)), "none") << text;
  }
  EXPECT_EQ(text_of(parse_ctime("Sonntag Nov 22 18:41:17 2026", absl::UTCTimeZone())), "none");
  EXPECT_EQ(text_of(parse_iso_time(std::string(10'000, '2'))), "none");
}

TEST(ProductTimes, WithoutAZoneAreOfTheHosts) {
  muster::test::TestRoot root;
  EXPECT_EQ(local_zone(root.path()), absl::UTCTimeZone()) << "none is set";
  std::filesystem::create_directories(root.path() + "/usr/share/zoneinfo/Europe");
  std::filesystem::copy("/usr/share/zoneinfo/Europe/Berlin",
                        root.path() + "/usr/share/zoneinfo/Europe/Berlin");
  root.link("/etc/localtime", "/usr/share/zoneinfo/Europe/Berlin");
  const std::optional<absl::TimeZone> zone = local_zone(root.path());
  ASSERT_TRUE(zone);
  EXPECT_EQ(text_of(parse_ctime("Sun Nov 22 18:41:17 2026", *zone)), "2026-11-22T17:41:17Z");
  EXPECT_EQ(text_of(parse_ctime("Wed Jul 22 18:41:17 2026", *zone)), "2026-07-22T16:41:17Z");
  // 02:30 was twice in that night.
  EXPECT_EQ(text_of(parse_ctime("Sun Oct 25 02:30:00 2026", *zone)), "2026-10-25T00:30:00Z");
}

TEST(ProductTimes, ABrokenFileOfAZoneIsNoZone) {
  muster::test::TestRoot root;
  root.write("/etc/localtime", "Europe/Berlin\n");
  EXPECT_FALSE(local_zone(root.path()));
  root.write("/etc/localtime", "TZif2\0\0\0");
  EXPECT_FALSE(local_zone(root.path()));
  root.write("/etc/localtime", "TZif" + std::string(100'000, '\0'));
  EXPECT_FALSE(local_zone(root.path()));
}

}  // namespace
}  // namespace muster::protection
