#include "collector/expiry/expiry_calendar.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/collector/expiry/every_kind.h"

namespace muster::collector {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

// "domain example.org 4d example.org ops", by hand with a "*".
std::vector<std::string> lines(const v1::ExpiryList& list) {
  std::vector<std::string> result;
  for (const v1::ExpiryEntry& entry : list.entries()) {
    const Duration left = from_proto(entry.ends_at()) - kNow;
    result.push_back(fmt::format("{}{} | {} | {}d | {}{} | {}", entry.by_hand() ? "*" : "",
                                 entry.kind_name(), entry.subject(),
                                 std::chrono::floor<std::chrono::days>(left).count(), entry.host(),
                                 entry.target(), entry.owner()));
  }
  return result;
}

// What one host or target of that kind has.
v1::ExpiryList list_of(const std::vector<SectionState>& sections, const std::string& kind = "host",
                       int days = 90) {
  ExpiryCalendar calendar(all_within(days));
  calendar.add({.name = "web1", .kind = kind, .labels = kWeb, .owner = "", .sections = sections});
  return calendar.take();
}

v1::ExpiryList list_of(const google::protobuf::Message& facts) {
  return list_of({section_of(facts)});
}

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
                          "*support-contract | Support of the SAN | 11d |  | storage"));
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
  EXPECT_EQ(count_by_kind(list).size(), 11U);
  EXPECT_EQ(count_by_kind(list).at(v1::EXPIRY_KIND_DOMAIN), 1U);
}

TEST(ExpiryCalendar, ReachesAsFarAsItIsAsked) {
  EXPECT_EQ(every_kind(all_within(4)).entries_size(), 4);
  ExpiryQuery later = all_within(90);
  later.after = in_days(9);
  EXPECT_THAT(lines(every_kind(later)),
              ElementsAre("system-support | Debian 12 | 9d | web1 | shop",
                          "fleet-authority | Muster CA | 10d |  | ",
                          "*support-contract | Support of the SAN | 11d |  | storage"));
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
  EXPECT_EQ(every_kind(query).entries_size(), 10);
  query.labels = {{"site", {"fra"}}, {"role", {"web"}}};
  EXPECT_EQ(every_kind(query).entries_size(), 9);
  query.labels = {{"site", {"ams"}}};
  EXPECT_THAT(every_kind(query).entries(), IsEmpty());
}

TEST(ExpiryCalendar, TakesAHandwrittenDateOnlyWhereTheRegistryHasNone) {
  v1::DomainFacts facts;
  facts.set_domain("example.de");
  facts.set_answer(v1::REGISTRY_ANSWER_REGISTERED);
  // The end of the day that was written: in a calendar it is on that day, and not on the next.
  const TimePoint day = std::chrono::floor<std::chrono::days>(in_days(20));
  *facts.mutable_expires_by_hand() = to_proto(day + std::chrono::days(1));
  const v1::ExpiryList list = list_of({section_of(facts)}, "domain");
  EXPECT_THAT(lines(list), ElementsAre("*domain | example.de | 20d | web1 | "));
  EXPECT_EQ(to_iso_date(from_proto(list.entries(0).ends_at())), to_iso_date(day));
  *facts.mutable_expires() = to_proto(in_days(10));
  EXPECT_THAT(lines(list_of({section_of(facts)}, "domain")),
              ElementsAre("domain | example.de | 10d | web1 | "));
  // Whoever does not have it loses nothing at that date.
  facts.set_answer(v1::REGISTRY_ANSWER_FREE);
  EXPECT_THAT(list_of({section_of(facts)}, "domain").entries(), IsEmpty());
}

TEST(ExpiryCalendar, TakesTheListsDateOfADomainThatNoLookHasToldOf) {
  const auto list = [](const std::string& address) {
    ExpiryCalendar calendar(all_within(90));
    calendar.add({.name = "example.de",
                  .kind = "domain",
                  .address = address,
                  .labels = kWeb,
                  .owner = "",
                  .sections = {}});
    return calendar.take();
  };
  const v1::ExpiryList written = list("example.de expires=2027-03-31");
  EXPECT_THAT(lines(written), ElementsAre("*domain | example.de | 75d | example.de | "));
  EXPECT_EQ(to_iso8601(from_proto(written.entries(0).ends_at())), "2027-03-31T23:59:59Z");
  EXPECT_EQ(written.without_end(), 0U);
  EXPECT_EQ(list("example.de").without_end(), 1U);
}

TEST(ExpiryCalendar, KeepsTheLastDateOfALookThatFailed) {
  SectionState section = section_of(domain("example.org", in_days(4)));
  section.outcome = v1::OUTCOME_FAILED;
  section.reason = "rate-limited: whois.example";
  const v1::ExpiryList list = list_of({section}, "domain");
  ASSERT_EQ(list.entries_size(), 1);
  EXPECT_EQ(from_proto(list.entries(0).observed_at()), kNow - std::chrono::hours(1));
}

// What should have an end and none is known of is never left out in silence.
TEST(ExpiryCalendar, CountsWhatHasNoKnownEnd) {
  v1::DomainFacts undated;
  undated.set_domain("example.de");
  undated.set_answer(v1::REGISTRY_ANSWER_REGISTERED);
  EXPECT_EQ(list_of({section_of(undated)}, "domain").without_end(), 1U);
  // Nobody has looked at it yet, or each look failed.
  EXPECT_EQ(list_of({}, "domain").without_end(), 1U);
  EXPECT_EQ(list_of({}, "zone").without_end(), 1U);
  EXPECT_EQ(list_of({}, "tcp").without_end(), 0U);
  EXPECT_EQ(list_of({}, "host").without_end(), 0U);

  v1::CertificateFacts unread;
  v1::CertificateFile& file = *unread.add_files();
  file.set_path("/etc/ssl/a.pem");
  file.set_error("Permission denied");
  unread.add_files()->add_certificates();
  EXPECT_EQ(list_of(unread).without_end(), 2U);

  v1::LifecycleFacts unknown;
  unknown.set_unknown_because("nobody knows this release");
  EXPECT_EQ(list_of(unknown).without_end(), 1U);
  unknown.set_rolling(true);
  EXPECT_EQ(list_of(unknown).without_end(), 0U);

  v1::ZoneFacts zone;
  zone.set_dnssec(v1::DNSSEC_STATE_UNSIGNED);
  EXPECT_EQ(list_of({section_of(zone)}, "zone").without_end(), 0U);
  zone.set_dnssec(v1::DNSSEC_STATE_UNSPECIFIED);
  EXPECT_EQ(list_of({section_of(zone)}, "zone").without_end(), 1U);

  SectionState broken = section_of(undated);
  broken.facts = "\xff";
  EXPECT_EQ(list_of({broken}, "domain").without_end(), 1U);
  // A time that no calendar has.
  EXPECT_EQ(list_of(certificates(TimePoint::max())).without_end(), 1U);
  EXPECT_EQ(list_of(certificates(TimePoint::min())).without_end(), 1U);
}

TEST(ExpiryCalendar, TakesOnlyServedCertificatesWhoseKeyWasProved) {
  v1::TlsFacts facts;
  v1::TlsService& service = *facts.add_services();
  service.set_address("192.0.2.7:443");
  service.set_answer(v1::TLS_ANSWER_CLOSED);
  service.set_chain(1);
  *facts.add_chains()->add_certificates() = certificate("shop", in_days(3));
  v1::ExpiryList list = list_of({section_of(facts)}, "tls");
  EXPECT_THAT(list.entries(), IsEmpty());
  EXPECT_EQ(list.without_end(), 1U);
  service.set_answer(v1::TLS_ANSWER_COMPLETED);
  // What is served with it, and ends first, ends it.
  *facts.mutable_chains(0)->add_certificates() = certificate("Issuing CA", in_days(2));
  list = list_of({section_of(facts)}, "tls");
  EXPECT_THAT(lines(list), ElementsAre("served-certificate | 192.0.2.7:443 | 2d | web1 | "));
  EXPECT_EQ(list.entries(0).detail(), "Issuing CA, served with shop, ends first");
  EXPECT_EQ(list.without_end(), 0U);
}

TEST(ExpiryCalendar, TakesTheSupportThatTheHostGets) {
  v1::LifecycleFacts facts;
  facts.set_os_pretty_name("Debian 12");
  const auto add = [&facts](v1::SupportCoverage coverage, int days) {
    v1::SupportPeriod& period = *facts.add_periods();
    period.set_coverage(coverage);
    *period.mutable_ends_at() = to_proto(in_days(days));
  };
  add(v1::SUPPORT_COVERAGE_INCLUDED, 10);
  add(v1::SUPPORT_COVERAGE_ENABLED, 20);
  add(v1::SUPPORT_COVERAGE_NOT_ENABLED, 30);
  EXPECT_THAT(lines(list_of(facts)), ElementsAre("system-support | Debian 12 | 20d | web1 | "));
}

TEST(ExpiryCalendar, TakesOfARepositoryTheKeyThatLastsLongest) {
  v1::PackageFacts facts;
  for (const int days : {5, 15, 10}) {
    v1::RepositoryKey& key = *facts.add_repository_keys();
    key.set_repository("epel");
    key.set_state(v1::REPOSITORY_KEY_STATE_VALID);
    *key.mutable_not_after() = to_proto(in_days(days));
  }
  EXPECT_THAT(lines(list_of(facts)), ElementsAre("repository-key | epel | 15d | web1 | "));
  // One without an end is enough.
  v1::RepositoryKey& key = *facts.add_repository_keys();
  key.set_repository("epel");
  key.set_state(v1::REPOSITORY_KEY_STATE_VALID);
  EXPECT_THAT(list_of(facts).entries(), IsEmpty());
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

TEST(ExpiryCalendar, ShowsNothingUnprintable) {
  v1::DomainFacts facts = domain("e\nvil\x1b[2J.example", in_days(4));
  facts.set_registrar(std::string(10'000, 'r'));
  const v1::ExpiryList list = list_of({section_of(facts)}, "domain");
  ASSERT_EQ(list.entries_size(), 1);
  EXPECT_EQ(list.entries(0).subject(), "e\\x0avil\\x1b[2J.example");
  EXPECT_LE(list.entries(0).detail().size(), 256U);
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
