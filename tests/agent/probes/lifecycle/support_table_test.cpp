#include "agent/probes/lifecycle/support_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <tuple>

#include "common/timestamp.h"

namespace muster::lifecycle {
namespace {

using testing::HasSubstr;
using testing::SizeIs;

TEST(SupportTable, ThatIsCompiledInIsWhole) {
  const auto rows = parse_support_table(support_table_text());
  ASSERT_TRUE(rows.ok()) << rows.status();
  EXPECT_GT(rows->size(), 150U);
  std::set<std::tuple<std::string, std::string, std::string, std::string>> keys;
  for (const SupportRow& row : *rows) {
    EXPECT_TRUE(keys.insert({row.id, row.version, row.component, row.programme}).second)
        << row.id << ' ' << row.version << ' ' << row.component << ' ' << row.programme;
    EXPECT_GT(to_iso_date(row.as_of), "2020-01-01") << row.id;
  }
}

// A few that everybody knows, so that no slip of a column goes unseen.
TEST(SupportTable, KnowsWhatIsKnown) {
  const auto rows = parse_support_table(support_table_text());
  ASSERT_TRUE(rows.ok());
  const auto last_day = [&](std::string_view id, std::string_view version,
                            std::string_view programme) {
    for (const SupportRow& row : *rows) {
      if (is_about(row, id, version, "") && row.programme == programme && row.component.empty()) {
        return to_iso_date(*row.last_day);
      }
    }
    return std::string("unknown");
  };
  EXPECT_EQ(last_day("rhel", "9.4", "standard"), "2032-05-31");
  EXPECT_EQ(last_day("rhel", "7.9", "els"), "2029-05-31");
  EXPECT_EQ(last_day("rocky", "8.10", "standard"), "2029-05-31");
  EXPECT_EQ(last_day("almalinux", "10.0", "standard"), "2035-05-31");
  EXPECT_EQ(last_day("centos-stream", "9", "standard"), "2027-05-31");
  EXPECT_EQ(last_day("centos", "7", "standard"), "2024-06-30");
  EXPECT_EQ(last_day("debian", "12", "lts"), "2028-06-30");
  EXPECT_EQ(last_day("ubuntu", "22.04", "esm"), "2032-04-21");
  EXPECT_EQ(last_day("fedora", "43", "standard"), "2026-12-09");
  EXPECT_EQ(last_day("sles", "15.7", "standard"), "2031-07-31");
  EXPECT_EQ(last_day("sles", "15", "standard"), "2019-12-31");
  EXPECT_EQ(last_day("opensuse-leap", "15.6", "standard"), "2026-04-30");
  EXPECT_EQ(last_day("alpine", "3.20.3", "standard"), "2026-04-01");
  EXPECT_EQ(last_day("amzn", "2023", "standard"), "2029-06-30");
  EXPECT_EQ(last_day("ol", "8.9", "extended"), "2032-07-31");
}

TEST(SupportTable, FitsVersionsAsTheyAreWritten) {
  const auto fits = [](std::string_view pattern, std::string_view version,
                       std::string_view codename = "") {
    const std::string line =
        "id " + std::string(pattern) + " - standard 2030-01-01 2026-01-01 https://example.org";
    return is_about(parse_support_table(line)->front(), "id", version, codename);
  };
  EXPECT_TRUE(fits("9.*", "9"));
  EXPECT_TRUE(fits("9.*", "9.4"));
  EXPECT_FALSE(fits("9.*", "91"));
  EXPECT_FALSE(fits("9.*", ""));
  EXPECT_TRUE(fits("15.6", "15.6"));
  // A service pack that is not in the table is not the first release.
  EXPECT_FALSE(fits("15", "15.8"));
  EXPECT_TRUE(fits("13|trixie", "13"));
  EXPECT_TRUE(fits("13|trixie", "", "trixie"));
  EXPECT_FALSE(fits("13|trixie", "14", "trixie"));
  EXPECT_FALSE(fits("13|trixie", "", ""));
  EXPECT_FALSE(fits("13", "", ""));
  EXPECT_TRUE(fits("*", ""));
}

TEST(SupportTable, RefusesALineThatIsBroken) {
  EXPECT_THAT(*parse_support_table("# nothing\n\n"), SizeIs(0));
  for (const char* line : {"id 9 - standard 2030-01-01 2026-01-01",
                           "id 9 - standard 2030-01-01 2026-01-01 https://example.org more",
                           "id 9 - standard 2030-02-30 2026-01-01 https://example.org",
                           "id 9 - standard 2030-01-01 never https://example.org",
                           "id 9 - standard 2030-01-01 2026-01-01 somebody",
                           "id 9 - - 2030-01-01 2026-01-01 https://example.org"}) {
    const auto rows = parse_support_table(std::string("# first\n") + line);
    EXPECT_TRUE(absl::IsInvalidArgument(rows.status())) << line;
    EXPECT_THAT(std::string(rows.status().message()), HasSubstr("line 2")) << line;
  }
}

}  // namespace
}  // namespace muster::lifecycle
