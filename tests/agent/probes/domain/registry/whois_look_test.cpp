// A domain's record by WHOIS, where its registry has no RDAP.
#include "tests/agent/probes/domain/registry/registry_world.h"

namespace muster::domains::registry {
namespace {

using namespace std::chrono_literals;
using test::http_answer;
using test::Saying;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;
using ::testing::StartsWith;

constexpr const char* kIanasRecord =
    "% IANA WHOIS server\r\n\r\ndomain:       TEST\r\n\r\nstatus:       ACTIVE\r\n"
    "whois:        whois.nic.test\r\n";
constexpr const char* kRecord =
    "Domain Name: EXAMPLE.TEST\r\nRegistry Expiry Date: 2027-08-30T04:00:00Z\r\n"
    "Creation Date: 1995-08-31T04:00:00Z\r\nRegistrar: Example Registrar\r\n"
    "Domain Status: clientTransferProhibited https://icann.org/epp#clientTransferProhibited\r\n"
    "Domain Status: Paid Up\r\nName Server: NS1.EXAMPLE.NET\r\n";

class WhoisLook : public test::RegistryWorld {
 protected:
  WhoisLook() {
    // All servers are one: what it is asked tells which one it is.
    whois.answer = [this](const std::string& question) {
      return Saying{question == "test\r\n" ? of_iana : of_registry};
    };
  }
  // IANA's list of RDAP servers, which has none for .test.
  void give_ianas_list() {
    iana.answer = [](const std::string&) {
      return Saying{http_answer("200 OK", R"({"version":"1.0","publication":"2026-11-01T12:00:00Z",
          "services":[[["org"],["https://rdap.example.net/"]]]})")};
    };
  }
  std::string of_iana = kIanasRecord;
  std::string of_registry = kRecord;
};

TEST_F(WhoisLook, AsksTheServerThatIanaNamesAndRemembersIt) {
  const v1::DomainFacts told = facts(look("example.test"));
  EXPECT_EQ(told.answer(), v1::REGISTRY_ANSWER_REGISTERED);
  EXPECT_EQ(told.protocol(), v1::REGISTRY_PROTOCOL_WHOIS);
  EXPECT_EQ(told.server(), "whois.nic.test");
  EXPECT_EQ(date(told.expires()), "2027-08-30T04:00:00Z");
  EXPECT_EQ(told.registrar(), "Example Registrar");
  EXPECT_THAT(told.statuses(), ElementsAre("Paid Up", "clientTransferProhibited"));
  EXPECT_THAT(whois.questions, ElementsAre("test\r\n", "example.test\r\n"));
  pass(24h);
  facts(look("example.test"));
  EXPECT_THAT(whois.questions, ElementsAre("test\r\n", "example.test\r\n", "example.test\r\n"));
  pass(30 * 24h);
  facts(look("example.test"));
  EXPECT_THAT(whois.questions, SizeIs(5));
}

TEST_F(WhoisLook, AsksInTheFormThatARegistryWants) {
  of_registry = "No match for domain \"EXAMPLE.JP\".\r\n";
  const std::string list = R"({"version":"1.0","publication":"2026-11-01T12:00:00Z",
    "services":[[["org"],["https://rdap.example.net/"]]]})";
  iana.answer = [list](const std::string&) { return Saying{http_answer("200 OK", list)}; };
  const v1::DomainFacts told = facts(look("example.jp"));
  EXPECT_EQ(told.answer(), v1::REGISTRY_ANSWER_FREE);
  EXPECT_EQ(told.server(), "whois.jprs.jp");
  EXPECT_THAT(whois.questions, ElementsAre("example.jp/e\r\n"));
}

TEST_F(WhoisLook, TellsThatADateWasGivenWithoutItsZone) {
  of_registry = "Domain: example.test\r\nExpires: 2027-08-30\r\nRegistrar: Example\r\n";
  EXPECT_TRUE(facts(look("example.test")).expires_zone_unknown());
}

TEST_F(WhoisLook, OfATopLevelDomainThatAnswersNeitherIsUnsupportedAndHasTheDateByHand) {
  give_ianas_list();
  of_iana = "domain:       TEST\r\nstatus:       ACTIVE\r\n";
  const v1::DomainFacts told = facts(look("example.test expires=2027-03-31"));
  EXPECT_EQ(told.answer(), v1::REGISTRY_ANSWER_UNSUPPORTED);
  EXPECT_EQ(told.detail(), "the registry of .test answers neither RDAP nor WHOIS");
  EXPECT_EQ(date(told.expires_by_hand()), "2027-04-01T00:00:00Z");
  EXPECT_FALSE(told.has_expires());
  EXPECT_EQ(told.domain(), "example.test");
  facts(look("example.test"));
  EXPECT_THAT(whois.questions, ElementsAre("test\r\n"));
}

// That there is no WHOIS says nothing of RDAP.
TEST_F(WhoisLook, IsNotUnsupportedWhereIanasListOfRdapCouldNotBeHad) {
  of_iana = "domain:       TEST\r\nstatus:       ACTIVE\r\n";
  EXPECT_THAT(failure(look("example.test")),
              AllOf(StartsWith("failed: "), HasSubstr("could not be had")));
}

TEST_F(WhoisLook, AsksNobodyWhereIanaHasNoRecord) {
  of_iana = "% This query returned 0 objects.\r\n";
  EXPECT_EQ(failure(look("example.test")), "failed: whois.iana.org has no record of .test");
  EXPECT_THAT(whois.questions, ElementsAre("test\r\n"));
}

TEST_F(WhoisLook, LeavesAServerAloneThatSaysThatItIsAskedTooOften) {
  of_registry = "Query rate limit exceeded. Try again later.\r\n";
  EXPECT_EQ(failure(look("example.test")),
            "rate-limited: whois.nic.test asked to be left alone until 2026-11-23T01:00:00Z");
  pass(59min);
  EXPECT_THAT(failure(look("example.test")), StartsWith("rate-limited: whois.nic.test"));
  EXPECT_THAT(whois.questions, SizeIs(2));
  pass(1min);
  EXPECT_THAT(failure(look("example.test")), HasSubstr("until 2026-11-23T03:00:00Z"));
  EXPECT_THAT(whois.questions, SizeIs(3));
}

TEST_F(WhoisLook, OfOthersInTheSameRunAreNotMadeOnceItAskedForThat) {
  facts(look("example.test"));
  of_registry = "Query rate limit exceeded. Try again later.\r\n";
  pace.at_once = 1;
  for (const v1::Section& section : look_at_all({"example.test", "www.example.test"}))
    EXPECT_THAT(failure(section), StartsWith("rate-limited: whois.nic.test"));
  EXPECT_THAT(whois.questions, SizeIs(3));
}

TEST_F(WhoisLook, AsksTheRegistrarOnceWhereTheRegistryGivesNoExpiry) {
  const std::string thin =
      "Domain Name: EXAMPLE.TEST\r\nCreation Date: 1995-08-31T04:00:00Z\r\n"
      "Registrar: Example Registrar\r\nRegistrar WHOIS Server: whois.registrar.test\r\n";
  int asked = 0;
  whois.answer = [&](const std::string& question) {
    if (question == "test\r\n") return Saying{of_iana};
    // The registrar refers to itself, and to others.
    const std::string end = ++asked == 1 ? "" : "Expiry Date: 2027-08-30T04:00:00Z\r\n";
    return Saying{thin + end};
  };
  EXPECT_EQ(date(facts(look("example.test")).expires()), "2027-08-30T04:00:00Z");
  EXPECT_EQ(facts(look("example.test")).server(), "whois.nic.test");
  EXPECT_THAT(whois.questions,
              ElementsAre("test\r\n", "example.test\r\n", "example.test\r\n", "example.test\r\n"));
}

TEST_F(WhoisLook, OfReferralsInACircleAsksTwice) {
  of_registry =
      "Domain Name: EXAMPLE.TEST\r\nCreation Date: 1995-08-31T04:00:00Z\r\n"
      "Registrar: Example Registrar\r\nRegistrar WHOIS Server: whois.registrar.test\r\n";
  EXPECT_FALSE(facts(look("example.test")).has_expires());
  EXPECT_THAT(whois.questions, ElementsAre("test\r\n", "example.test\r\n", "example.test\r\n"));
}

TEST_F(WhoisLook, IsReferredNowhereWithin) {
  dns.names["whois.registrar.test"] = {.ipv4 = {"10.0.0.1"}};
  of_registry =
      "Domain Name: EXAMPLE.TEST\r\nCreation Date: 1995-08-31T04:00:00Z\r\n"
      "Registrar: Example Registrar\r\nRegistrar WHOIS Server: whois.registrar.test\r\n";
  EXPECT_EQ(facts(look("example.test")).answer(), v1::REGISTRY_ANSWER_REGISTERED);
  EXPECT_THAT(whois.questions, SizeIs(2));
}

}  // namespace
}  // namespace muster::domains::registry
