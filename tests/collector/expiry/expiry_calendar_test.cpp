#include "collector/expiry/expiry_calendar.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/collector/expiry/expiry_lines.h"

namespace muster::collector {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

TEST(ExpiryCalendar, HasEveryKindSortedByItsEnd) {
  const v1::ExpiryList list = every_kind(all_within(90));
  EXPECT_THAT(lines(list),
              ElementsAre("certificate | /etc/ssl/shop.pem | 1d | web1 | shop",
                          "revocation-list | /etc/ssl/ca.crl | 2d | web1 | shop",
                          "served-certificate | 443/shop.example.org | 3d | web1 | shop",
                          "domain | example.org | 4d | example.org | ",
                          "zone-signature | example.org | 5d | zone:example.org | ",
                          "agent-certificate | agent certificate | 6d | web1 | shop",
                          "repository-key | bookworm (deb.debian.org) | 7d | web1 | shop",
                          "protection-licence | defender | 8d | web1 | shop",
                          "system-support | Debian 12 | 9d | web1 | shop",
                          "fleet-authority | Muster CA | 10d |  | ",
                          "*support-contract | Support of the SAN | 11d |  | storage",
                          "secure-boot-authority | CN=Example UEFI CA 2023 | 12d | web1 | shop"));
  EXPECT_EQ(list.without_end(), 0U);
  EXPECT_EQ(list.omitted(), 0U);
  EXPECT_EQ(from_proto(list.made_at()), kNow);
  EXPECT_EQ(from_proto(list.entries(0).observed_at()), kNow - std::chrono::hours(1));
  EXPECT_FALSE(list.entries(10).has_observed_at());
  EXPECT_THAT(list.entries(0).labels(),
              UnorderedElementsAre(Pair("role", "web"), Pair("site", "fra")));
  EXPECT_THAT(list.entries(10).labels(), UnorderedElementsAre(Pair("site", "fra")));
  EXPECT_EQ(list.entries(10).detail(), "Contract 4711");
  EXPECT_EQ(list.entries(3).target(), "example.org");
  EXPECT_EQ(count_by_kind(list).size(), 12U);
  EXPECT_EQ(count_by_kind(list).at(v1::EXPIRY_KIND_DOMAIN), 1U);
}

TEST(ExpiryCalendar, ReachesAsFarAsItIsAsked) {
  EXPECT_EQ(every_kind(all_within(4)).entries_size(), 4);
  ExpiryQuery later = all_within(90);
  later.after = in_days(9);
  EXPECT_THAT(lines(every_kind(later)),
              ElementsAre("system-support | Debian 12 | 9d | web1 | shop",
                          "fleet-authority | Muster CA | 10d |  | ",
                          "*support-contract | Support of the SAN | 11d |  | storage",
                          "secure-boot-authority | CN=Example UEFI CA 2023 | 12d | web1 | shop"));
  // What has ended and is still there is told, however long ago that was.
  const std::vector<SectionState> ended{section_of(certificates(in_days(-400)))};
  EXPECT_THAT(lines(list_of(ended)),
              ElementsAre("certificate | /etc/ssl/shop.pem | -400d | web1 | "));
  ExpiryQuery from_now = all_within(90);
  from_now.after = kNow;
  ExpiryCalendar calendar(from_now);
  calendar.add({.name = "a", .kind = "host", .labels = kWeb, .owner = "", .sections = ended});
  EXPECT_THAT(calendar.take().entries(), IsEmpty());
}

TEST(ExpiryCalendar, IsFilteredByKindOwnerAndLabel) {
  ExpiryQuery query = all_within(90);
  query.kinds = {v1::EXPIRY_KIND_DOMAIN, v1::EXPIRY_KIND_REVOCATION_LIST};
  EXPECT_THAT(lines(every_kind(query)),
              ElementsAre("revocation-list | /etc/ssl/ca.crl | 2d | web1 | shop",
                          "domain | example.org | 4d | example.org | "));
  query = all_within(90);
  query.owners = {"storage"};
  EXPECT_THAT(lines(every_kind(query)),
              ElementsAre("*support-contract | Support of the SAN | 11d |  | storage"));
  // Nobody's.
  query.owners = {""};
  EXPECT_THAT(lines(every_kind(query)),
              ElementsAre("domain | example.org | 4d | example.org | ",
                          "zone-signature | example.org | 5d | zone:example.org | ",
                          "fleet-authority | Muster CA | 10d |  | "));
  query = all_within(90);
  query.labels = {{"site", {"ams", "fra"}}};
  EXPECT_EQ(every_kind(query).entries_size(), 11);
  query.labels = {{"site", {"fra"}}, {"role", {"web"}}};
  EXPECT_EQ(every_kind(query).entries_size(), 10);
  query.labels = {{"site", {"ams"}}};
  EXPECT_THAT(every_kind(query).entries(), IsEmpty());
}

TEST(ExpiryCalendar, KeepsTheLastDateOfALookThatFailed) {
  SectionState section = section_of(domain("example.org", in_days(4)));
  section.outcome = v1::OUTCOME_FAILED;
  section.reason = "rate-limited: whois.example";
  const v1::ExpiryList list = list_of({section}, "domain");
  ASSERT_EQ(list.entries_size(), 1);
  EXPECT_EQ(from_proto(list.entries(0).observed_at()), kNow - std::chrono::hours(1));
}

TEST(ExpiryCalendar, HasTheSameOnSeveralHostsOnceForEachOwner) {
  const std::vector<SectionState> sections{section_of(certificates(in_days(1)))};
  const Labels other{{"role", "web"}, {"site", "ams"}};
  const auto list = [&](const std::vector<std::string>& owners) {
    ExpiryCalendar calendar(all_within(90));
    for (size_t i = 0; i < owners.size(); ++i) {
      const std::string name = fmt::format("web{}", i);
      calendar.add({.name = name,
                    .kind = "host",
                    .labels = i == 0 ? kWeb : other,
                    .owner = owners[i],
                    .sections = sections});
    }
    return calendar.take();
  };
  const v1::ExpiryList shared = list({"shop", "shop", "shop"});
  ASSERT_EQ(shared.entries_size(), 1);
  EXPECT_EQ(shared.entries(0).host(), "web0");
  EXPECT_EQ(shared.entries(0).more_hosts(), 2U);
  // Only what is so of all of them.
  EXPECT_THAT(shared.entries(0).labels(), UnorderedElementsAre(Pair("role", "web")));
  EXPECT_EQ(list({"shop", "mail"}).entries_size(), 2);
  // It is the same whoever else has it, and another once it was renewed.
  EXPECT_EQ(shared.entries(0).id(), list({"shop"}).entries(0).id());
  EXPECT_NE(shared.entries(0).id(), list_of(certificates(in_days(2))).entries(0).id());
  EXPECT_NE(shared.entries(0).id(), list_of(certificates(in_days(1), "b")).entries(0).id());
}

TEST(ExpiryCalendar, KeepsAgentsCertificatesApart) {
  v1::AgentFacts facts;
  *facts.mutable_certificate_not_after() = to_proto(in_days(6));
  const std::vector<SectionState> sections{section_of(facts)};
  ExpiryCalendar calendar(all_within(90));
  for (const char* name : {"web1", "web2"}) {
    calendar.add({.name = name, .kind = "host", .labels = kWeb, .owner = "", .sections = sections});
  }
  EXPECT_EQ(calendar.take().entries_size(), 2);
}

TEST(ExpiryCalendar, KeepsOfEachKindWhatEndsNearestToNow) {
  constexpr size_t kMost = 3;
  ExpiryCalendar calendar(all_within(90), kMost);
  int number = 0;
  for (const int days : {50, -2, 40, -60, 1, 30, 3}) {
    const std::vector<SectionState> sections{
        section_of(certificates(in_days(days), fmt::format("c{}", number)))};
    const std::string name = fmt::format("web{}", number++);
    calendar.add({.name = name, .kind = "host", .labels = kWeb, .owner = "", .sections = sections});
  }
  // Another kind has its own place.
  calendar.add_dates(kept_dates());
  const v1::ExpiryList list = calendar.take();
  EXPECT_THAT(lines(list),
              ElementsAre("certificate | /etc/ssl/c1.pem | -2d | web1 | ",
                          "certificate | /etc/ssl/c4.pem | 1d | web4 | ",
                          "certificate | /etc/ssl/c6.pem | 3d | web6 | ",
                          "*support-contract | Support of the SAN | 11d |  | storage"));
  EXPECT_EQ(list.omitted(), 4U);
}

TEST(ExpiryCalendar, CountsWhatIsLeftOutWithAllThatHaveIt) {
  const std::vector<SectionState> far{section_of(certificates(in_days(50), "far"))};
  const std::vector<SectionState> near{section_of(certificates(in_days(5), "near"))};
  ExpiryCalendar calendar(all_within(90), 1);
  const auto add = [&calendar](const char* name, const std::vector<SectionState>& sections) {
    calendar.add({.name = name, .kind = "host", .labels = kWeb, .owner = "", .sections = sections});
  };
  add("a", far);
  add("b", far);
  add("c", near);
  add("d", far);
  const v1::ExpiryList list = calendar.take();
  EXPECT_THAT(lines(list), ElementsAre("certificate | /etc/ssl/near.pem | 5d | c | "));
  EXPECT_EQ(list.omitted(), 3U);
}

TEST(ExpiryCalendar, LeavesSectionsOfOthersInAHostsReportAlone) {
  EXPECT_THAT(list_of({section_of(certificates(in_days(1)), "somebody")}).entries(), IsEmpty());
}

TEST(ExpiryKinds, AreInTheTableInTheOrderOfTheEnumeration) {
  int number = 1;
  for (const ExpiryKindRow& row : all_expiry_kinds()) {
    EXPECT_EQ(row.kind, number++);
    EXPECT_EQ(find_expiry_kind(row.name), &row);
    EXPECT_EQ(&expiry_kind_row(row.kind), &row);
  }
  EXPECT_EQ(number, v1::ExpiryKind_ARRAYSIZE);
}

}  // namespace
}  // namespace muster::collector
