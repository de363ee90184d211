// What of facts ends, and of which of them it should be known and is not.
#include "collector/expiry/section_ends.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/collector/expiry/expiry_lines.h"

namespace muster::collector {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(SectionEnds, TakesAHandwrittenDateOnlyWhereTheRegistryHasNone) {
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

TEST(SectionEnds, TakesTheListsDateOfADomainThatNoLookHasToldOf) {
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

// What should have an end and none is known of is never left out in silence.
TEST(SectionEnds, CountsWhatHasNoKnownEnd) {
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
  EXPECT_EQ(list_of(certificates(TimePoint::min() + std::chrono::seconds(1))).without_end(), 1U);
}

TEST(SectionEnds, TakesOnlyServedCertificatesWhoseKeyWasProved) {
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

TEST(SectionEnds, TakesTheSupportThatTheHostGets) {
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

TEST(SectionEnds, TakesOfARepositoryTheKeyThatLastsLongest) {
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

TEST(SectionEnds, ShowsNothingUnprintable) {
  v1::DomainFacts facts = domain("e\nvil\x1b[2J.example", in_days(4));
  facts.set_registrar(std::string(10'000, 'r'));
  const v1::ExpiryList list = list_of({section_of(facts)}, "domain");
  ASSERT_EQ(list.entries_size(), 1);
  EXPECT_EQ(list.entries(0).subject(), "e\\x0avil\\x1b[2J.example");
  EXPECT_LE(list.entries(0).detail().size(), 256U);
}

}  // namespace
}  // namespace muster::collector
