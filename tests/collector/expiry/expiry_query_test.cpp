#include "collector/expiry/expiry_query.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <utility>

#include "common/timestamp.h"

namespace muster::collector {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

constexpr TimePoint kNow{std::chrono::seconds(1'800'000'000)};
using Parameters = std::vector<std::pair<std::string, std::string>>;

TEST(ExpiryQueries, AreOfNinetyDaysAndEverythingWithoutParameters) {
  const absl::StatusOr<ExpiryQuery> query = parse_expiry_query({}, kNow);
  ASSERT_TRUE(query.ok()) << query.status();
  EXPECT_EQ(query->until, kNow + std::chrono::days(90));
  EXPECT_EQ(query->after, std::nullopt);
  EXPECT_EQ(query->format, ExpiryFormat::kJson);
  for (const ExpiryKindRow& row : all_expiry_kinds())
    EXPECT_TRUE(query->kinds.has(row.kind)) << row.name;
  EXPECT_TRUE(query->wants("", {}));
}

TEST(ExpiryQueries, TakeEachParameterAndSomeOfThemAgain) {
  const absl::StatusOr<ExpiryQuery> query = parse_expiry_query({{"within", "2w"},
                                                                {"after", "2027-01-10"},
                                                                {"kind", "domain"},
                                                                {"kind", "by-hand"},
                                                                {"owner", "storage"},
                                                                {"owner", ""},
                                                                {"label", "role=web"},
                                                                {"label", "role=a=b"},
                                                                {"label", "site="},
                                                                {"format", "csv"}},
                                                               kNow);
  ASSERT_TRUE(query.ok()) << query.status();
  EXPECT_EQ(query->until, kNow + std::chrono::days(14));
  EXPECT_EQ(to_iso8601(query->after.value_or(kNow)), "2027-01-10T00:00:00Z");
  EXPECT_TRUE(query->kinds.has(v1::EXPIRY_KIND_DOMAIN));
  EXPECT_TRUE(query->kinds.has(v1::EXPIRY_KIND_BY_HAND));
  EXPECT_FALSE(query->kinds.has(v1::EXPIRY_KIND_CERTIFICATE));
  EXPECT_THAT(query->owners, ElementsAre("", "storage"));
  EXPECT_THAT(query->labels,
              ElementsAre(Pair("role", ElementsAre("a=b", "web")), Pair("site", ElementsAre(""))));
  EXPECT_EQ(query->format, ExpiryFormat::kCsv);
}

// Each renewal would move an event of each host.
TEST(ExpiryQueries, LeaveAgentsCertificatesOutOfAnICalendarThatDoesNotAskForThem) {
  EXPECT_FALSE(parse_expiry_query({}, kNow, ExpiryFormat::kCalendar)
                   ->kinds.has(v1::EXPIRY_KIND_AGENT_CERTIFICATE));
  EXPECT_FALSE(
      parse_expiry_query({{"format", "ics"}}, kNow)->kinds.has(v1::EXPIRY_KIND_AGENT_CERTIFICATE));
  EXPECT_TRUE(parse_expiry_query({{"kind", "agent-certificate"}}, kNow, ExpiryFormat::kCalendar)
                  ->kinds.has(v1::EXPIRY_KIND_AGENT_CERTIFICATE));
}

TEST(ExpiryQueries, NameTheParameterThatIsWrong) {
  const std::pair<Parameters, std::string> cases[] = {
      {{{"within", "90"}}, "the parameter within is a duration to 3653d, like 90d or 2w, not '90'"},
      {{{"within", ""}}, "the parameter within is a duration to 3653d, like 90d or 2w, not ''"},
      {{{"within", "3654d"}}, "not '3654d'"},
      {{{"within", "1d"}, {"within", "1d"}}, "the parameter within comes twice"},
      {{{"after", "yesterday"}}, "the parameter after is now, a date like 2026-11-21"},
      {{{"kind", "domains"}},
       "the parameter kind is one of certificate, served-certificate, revocation-list, domain,"},
      {{{"label", "role"}}, "the parameter label is NAME=VALUE, like role=web, not 'role'"},
      {{{"label", "=web"}}, "not '=web'"},
      {{{"format", "xml"}}, "the parameter format is json, ics or csv, not 'xml'"},
      {{{"whithin\n", "90d"}}, "there is no parameter 'whithin\\x0a' here: there are within,"},
  };
  for (const auto& [parameters, complaint] : cases) {
    const absl::StatusOr<ExpiryQuery> query = parse_expiry_query(parameters, kNow);
    EXPECT_EQ(query.status().code(), absl::StatusCode::kInvalidArgument) << complaint;
    EXPECT_THAT(std::string(query.status().message()), HasSubstr(complaint));
  }
  // A page that has one format only.
  EXPECT_FALSE(parse_expiry_query({{"format", "csv"}}, kNow, ExpiryFormat::kCsv).ok());
}

}  // namespace
}  // namespace muster::collector
