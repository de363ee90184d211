// Who has a zone, by the zone above and by its servers.
#include <gmock/gmock.h>

#include "tests/agent/probes/zone/fake_asker.h"

namespace muster::zone::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST(ZoneDelegation, IsAsTheZoneAboveHasItAndEachServerIsAsked) {
  FakeAsker asker = healthy_zone();
  const v1::ZoneFacts facts = look(asker);
  EXPECT_EQ(facts.delegation(), v1::RECORD_STATE_PRESENT);
  EXPECT_THAT(facts.delegated_to(), ElementsAre("ns1.example.org", "ns2.example.org"));
  ASSERT_THAT(facts.servers(), SizeIs(2));
  for (const v1::ZoneServer& server : facts.servers()) {
    EXPECT_EQ(server.answer(), v1::ZONE_ANSWER_AUTHORITATIVE) << server.detail();
    EXPECT_EQ(server.serial(), 7u);
    EXPECT_TRUE(server.delegated());
    EXPECT_FALSE(server.no_tcp());
    EXPECT_THAT(server.name_servers(), ElementsAre("ns1.example.org", "ns2.example.org"));
  }
  EXPECT_EQ(facts.servers(1).address(), "192.0.2.2");
  EXPECT_EQ(facts.dnssec(), v1::DNSSEC_STATE_UNSIGNED);
}

TEST(ZoneDelegation, IsAbsentWhereTheZoneAboveDoesNotKnowTheName) {
  FakeAsker asker = healthy_zone();
  Canned& none = asker.at("198.51.100.1", "example.org", Type::kNs);
  none = {.code = 3};
  v1::ZoneFacts facts = look(asker);
  EXPECT_EQ(facts.delegation(), v1::RECORD_STATE_ABSENT);
  EXPECT_EQ(facts.delegation_detail(), "org has no such name");
  EXPECT_THAT(facts.servers(), IsEmpty());
  EXPECT_EQ(facts.dnssec(), v1::DNSSEC_STATE_UNSPECIFIED);
  EXPECT_EQ(facts.dnssec_detail(), "it is not delegated");
  EXPECT_EQ(facts.spf().state(), v1::RECORD_STATE_UNSPECIFIED);
  EXPECT_EQ(facts.mail_exchanger_state(), v1::RECORD_STATE_UNSPECIFIED);

  none = {};
  facts = look(asker);
  EXPECT_EQ(facts.delegation(), v1::RECORD_STATE_ABSENT);
  EXPECT_EQ(facts.delegation_detail(), "org does not delegate it");
}

TEST(ZoneDelegation, IsAskedOfTheNextServerWhereOneDoesNotTell) {
  FakeAsker asker = healthy_zone();
  asker.at("", "a0.org", Type::kA).answer = {"a0.org. A 198.51.100.9", "a0.org. A 198.51.100.8",
                                             "a0.org. A 198.51.100.1"};
  asker.silent.insert("198.51.100.9");
  asker.at("198.51.100.8", "example.org", Type::kNs) = {.code = 2};
  EXPECT_EQ(look(asker).delegation(), v1::RECORD_STATE_PRESENT);
}

TEST(ZoneDelegation, IsNotKnownWhereNobodyTells) {
  FakeAsker asker = healthy_zone();
  asker.silent.insert("198.51.100.1");
  const v1::ZoneFacts facts = look(asker);
  EXPECT_EQ(facts.delegation(), v1::RECORD_STATE_UNSPECIFIED);
  EXPECT_THAT(facts.delegation_detail(), HasSubstr("no server of org told: a0.org (198.51.100.1)"));
  EXPECT_EQ(facts.dnssec(), v1::DNSSEC_STATE_UNSPECIFIED);
}

TEST(ZoneDelegation, IsNotKnownWithoutAResolver) {
  FakeAsker asker = healthy_zone();
  asker.silent.insert("");
  const v1::ZoneFacts facts = look(asker);
  EXPECT_EQ(facts.delegation(), v1::RECORD_STATE_UNSPECIFIED);
  EXPECT_THAT(facts.delegation_detail(), HasSubstr("the resolver of this host"));
}

TEST(ZoneDelegation, IsTheResolversWhereTheZoneAboveMayNotBeAskedAndThatIsSaid) {
  FakeAsker asker = healthy_zone();
  asker.forbidden.insert("198.51.100.1");
  asker.at("", "example.org", Type::kNs).answer = {"example.org. NS ns1.example.org."};
  const v1::ZoneFacts facts = look(asker);
  EXPECT_EQ(facts.delegation(), v1::RECORD_STATE_PRESENT);
  EXPECT_EQ(facts.delegation_detail(),
            "no server of org is in targets.allow: this is what the resolver of this host says");
  EXPECT_THAT(facts.delegated_to(), ElementsAre("ns1.example.org"));
}

TEST(ZoneServers, ThatTheZoneAloneNamesAreAskedToo) {
  FakeAsker asker = healthy_zone();
  asker.at("192.0.2.2", "example.org", Type::kNs)
      .answer.push_back("example.org. NS ns3.example.net.");
  const v1::ZoneFacts facts = look(asker);
  ASSERT_THAT(facts.servers(), SizeIs(3));
  EXPECT_EQ(facts.servers(2).name(), "ns3.example.net");
  EXPECT_EQ(facts.servers(2).answer(), v1::ZONE_ANSWER_NO_ADDRESS);
  EXPECT_FALSE(facts.servers(2).delegated());
}

struct Lame {
  Canned canned;
  v1::ZoneAnswer answer;
};

TEST(ZoneServers, ThatDoNotHaveTheZoneAreTold) {
  const std::string soa = "example.org. SOA ns1.example.org. h.example.org. 7 3600 900 604800 300";
  const Lame cases[] = {
      {{.code = 5}, v1::ZONE_ANSWER_REFUSED},
      {{.code = 2}, v1::ZONE_ANSWER_SERVER_FAILURE},
      {{.code = 3}, v1::ZONE_ANSWER_NOT_AUTHORITATIVE},
      {{.code = 9}, v1::ZONE_ANSWER_NOT_AUTHORITATIVE},
      {{.authoritative = false, .answer = {soa}}, v1::ZONE_ANSWER_NOT_AUTHORITATIVE},
      {{.authoritative = false, .authority = {"org. NS a0.org."}},
       v1::ZONE_ANSWER_NOT_AUTHORITATIVE},
      {{}, v1::ZONE_ANSWER_NOT_AUTHORITATIVE},
      {{.bytes = "SSH-2.0-OpenSSH_9.2"}, v1::ZONE_ANSWER_UNREADABLE},
      {{.bytes = "x"}, v1::ZONE_ANSWER_UNREADABLE},
  };
  for (const Lame& lame : cases) {
    FakeAsker asker = healthy_zone();
    asker.at("192.0.2.2", "example.org", Type::kSoa) = lame.canned;
    const v1::ZoneFacts facts = look(asker);
    ASSERT_THAT(facts.servers(), SizeIs(2));
    EXPECT_EQ(facts.servers(0).answer(), v1::ZONE_ANSWER_AUTHORITATIVE);
    EXPECT_EQ(facts.servers(1).answer(), lame.answer) << facts.servers(1).ShortDebugString();
  }
}

TEST(ZoneServers, ThatCannotBeAskedAreTold) {
  FakeAsker asker = healthy_zone();
  asker.silent.insert("192.0.2.1");
  asker.down.insert("192.0.2.2");
  v1::ZoneFacts facts = look(asker);
  EXPECT_EQ(facts.servers(0).answer(), v1::ZONE_ANSWER_TIMED_OUT);
  EXPECT_EQ(facts.servers(1).answer(), v1::ZONE_ANSWER_UNREACHABLE);
  EXPECT_EQ(facts.dnssec(), v1::DNSSEC_STATE_UNSPECIFIED);
  EXPECT_EQ(facts.spf().state(), v1::RECORD_STATE_UNSPECIFIED);
  EXPECT_EQ(facts.caa_state(), v1::RECORD_STATE_UNSPECIFIED);

  asker = healthy_zone();
  asker.forbidden.insert("192.0.2.2");
  facts = look(asker);
  EXPECT_EQ(facts.servers(1).answer(), v1::ZONE_ANSWER_NOT_ALLOWED);
}

TEST(ZoneServers, ThatDoNotAnswerByTcpAreTold) {
  FakeAsker asker = healthy_zone();
  asker.silent_by_tcp.insert("192.0.2.2");
  const v1::ZoneFacts facts = look(asker);
  EXPECT_FALSE(facts.servers(0).no_tcp());
  EXPECT_TRUE(facts.servers(1).no_tcp());
  EXPECT_EQ(facts.servers(1).answer(), v1::ZONE_ANSWER_AUTHORITATIVE);
}

TEST(ZoneServers, ThatCutTheirAnswersOffAreAskedByTcp) {
  FakeAsker asker = healthy_zone();
  asker.cuts_off.insert("192.0.2.2");
  const v1::ZoneFacts facts = look(asker);
  EXPECT_EQ(facts.servers(1).answer(), v1::ZONE_ANSWER_AUTHORITATIVE);
  EXPECT_EQ(facts.servers(1).serial(), 7u);
}

// RFC 9471: the zone above says where servers below the zone are; so many of one name are asked.
TEST(ZoneServers, AreAskedAtNoMoreThanSixteenAddressesOfAName) {
  FakeAsker asker = healthy_zone();
  Canned& referral = asker.at("198.51.100.1", "example.org", Type::kNs);
  for (int i = 100; i < 120; ++i)
    referral.additional.push_back("ns2.example.org. A 192.0.2." + std::to_string(i));
  const v1::ZoneFacts facts = look(asker);
  EXPECT_THAT(facts.servers(), SizeIs(1 + 16));
  EXPECT_EQ(facts.servers_omitted(), 21u - 16u);
}

TEST(ZoneServers, AreAtMostSixtyFour) {
  FakeAsker asker = healthy_zone();
  Canned& referral = asker.at("198.51.100.1", "example.org", Type::kNs);
  for (int i = 3; i < 70; ++i)
    referral.authority.push_back("example.org. NS ns" + std::to_string(i) + ".example.net.");
  const v1::ZoneFacts facts = look(asker);
  EXPECT_THAT(facts.delegated_to(), SizeIs(32));
  EXPECT_THAT(facts.servers(), SizeIs(64));
  EXPECT_EQ(facts.servers_omitted(), 69u - 64u);
  EXPECT_LE(asker.asked, 600u);
}

TEST(ZoneLook, AsksNoMoreThanSixHundredQuestionsAndSaysWhatItDidNotAsk) {
  FakeAsker asker = healthy_zone();
  // Each question to these takes two.
  asker.cuts_off = {"", "192.0.2.1", "192.0.2.2", "192.0.2.3"};
  Canned& referral = asker.at("198.51.100.1", "example.org", Type::kNs);
  referral.authority.push_back("example.org. NS ns3.example.org.");
  referral.additional.push_back("ns3.example.org. A 192.0.2.3");
  asker.at("192.0.2.3", "example.org", Type::kSoa) =
      asker.at("192.0.2.1", "example.org", Type::kSoa);
  std::string spf;
  for (int i = 0; i < 40; ++i)
    spf += (i % 10 == 0 ? "\" \"" : "") + (" a:a" + std::to_string(i)) + ".example.net";
  std::string target = "example.org dkim=s0";
  for (int i = 1; i < 100; ++i)
    target += ",s" + std::to_string(i);
  for (const std::string server : {"192.0.2.1", "192.0.2.2", "192.0.2.3"}) {
    asker.at(server, "example.org", Type::kTxt).answer = {"example.org. TXT \"v=spf1" + spf + "\""};
    for (int i = 0; i < 100; ++i) {
      asker.at(server, "s" + std::to_string(i) + "._domainkey.example.org",
               Type::kTxt) = {.code = 2};
    }
  }
  const v1::ZoneFacts facts = look(asker, target);
  EXPECT_EQ(asker.asked, 600u);
  ASSERT_THAT(facts.dkim_keys(), SizeIs(100));
  EXPECT_EQ(facts.dkim_keys(99).state(), v1::RECORD_STATE_UNSPECIFIED);
  EXPECT_THAT(facts.dkim_keys(99).detail(), HasSubstr("no more than 600 questions"));
  EXPECT_EQ(facts.caa_state(), v1::RECORD_STATE_UNSPECIFIED);
}

}  // namespace
}  // namespace muster::zone::test
