// A look at zones that real name servers serve, signed by another program than what checks them.
#include <gmock/gmock.h>

#include "tests/agent/probes/zone/knot_world.h"

namespace muster::zone::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

constexpr const char* kFrom = "20260101000000";
constexpr const char* kTo = "20270101000000";
constexpr int64_t kFromSeconds = 1767225600;
constexpr int64_t kToSeconds = 1798761600;

class RealZoneTest : public KnotWorld {
 protected:
  void serve_both(const std::string& zone) {
    serve(kFirst, {{"example.test", zone}});
    serve(kSecond, {{"example.test", zone}});
  }
};

TEST_F(RealZoneTest, ThatIsSignedAsTheZoneAboveSaysIsGood) {
  const Keys keys = make_keys();
  serve_above(keys.signer);
  serve_both(sign(zone_file(7,
                            "_dmarc TXT \"v=DMARC1; p=reject\"\n"
                            "old._domainkey TXT \"v=DKIM1; p=\"\n"),
                  keys, kFrom, kTo));
  const v1::ZoneFacts facts = look("example.test dkim=old");
  EXPECT_EQ(facts.address(), "example.test dkim=old");
  EXPECT_EQ(facts.zone(), "example.test");
  EXPECT_EQ(facts.delegation(), v1::RECORD_STATE_PRESENT) << facts.delegation_detail();
  EXPECT_THAT(facts.delegated_to(), ElementsAre("ns1.example.test", "ns2.example.test"));
  ASSERT_THAT(facts.servers(), SizeIs(2));
  for (const v1::ZoneServer& server : facts.servers()) {
    EXPECT_EQ(server.answer(), v1::ZONE_ANSWER_AUTHORITATIVE) << server.detail();
    EXPECT_EQ(server.serial(), 7u);
    EXPECT_FALSE(server.no_tcp());
  }
  EXPECT_EQ(facts.dnssec(), v1::DNSSEC_STATE_GOOD) << facts.dnssec_detail();
  ASSERT_GE(facts.delegation_signers_size(), 1);
  EXPECT_EQ(facts.delegation_signers(0).algorithm(), 13u);
  EXPECT_EQ(facts.signatures_expire().seconds(), kToSeconds);
  EXPECT_EQ(facts.signatures_begin().seconds(), kFromSeconds);
  EXPECT_THAT(facts.signatures_expire_of(), HasSubstr("ns1.example.test (127.0.0.55)"));
  EXPECT_EQ(facts.mail_exchangers(0).host(), "mail.example.test");
  EXPECT_EQ(facts.spf().state(), v1::RECORD_STATE_PRESENT) << facts.spf().detail();
  EXPECT_EQ(facts.spf().lookups(), 1u);
  EXPECT_EQ(facts.dmarc().policy(), "reject");
  ASSERT_THAT(facts.dkim_keys(), SizeIs(1));
  EXPECT_EQ(facts.dkim_keys(0).state(), v1::RECORD_STATE_INVALID);
  EXPECT_EQ(facts.caa_domain(), "test");
}

TEST_F(RealZoneTest, WhoseSignaturesHaveEndedIsGoodAndTheDateTold) {
  const Keys keys = make_keys();
  serve_above(keys.signer);
  serve_both(sign(zone_file(7), keys, "20200101000000", "20200201000000"));
  const v1::ZoneFacts facts = look();
  EXPECT_EQ(facts.dnssec(), v1::DNSSEC_STATE_GOOD) << facts.dnssec_detail();
  constexpr int64_t kFebruary2020 = 1580515200;
  EXPECT_EQ(facts.signatures_expire().seconds(), kFebruary2020);
}

TEST_F(RealZoneTest, ThatTheZoneAboveHasNoSignerOfIsNotDelegated) {
  serve_above();
  serve_both(sign(zone_file(7), make_keys(), kFrom, kTo));
  const v1::ZoneFacts facts = look();
  EXPECT_EQ(facts.dnssec(), v1::DNSSEC_STATE_NOT_DELEGATED) << facts.dnssec_detail();
  EXPECT_EQ(facts.signatures_expire().seconds(), kToSeconds);
}

TEST_F(RealZoneTest, WithoutKeysAndSignersIsUnsigned) {
  serve_above();
  serve_both(zone_file(7));
  const v1::ZoneFacts facts = look();
  EXPECT_EQ(facts.dnssec(), v1::DNSSEC_STATE_UNSIGNED) << facts.dnssec_detail();
  EXPECT_FALSE(facts.has_signatures_expire());
}

TEST_F(RealZoneTest, WhoseSignerNamesAnotherKeyIsBroken) {
  serve_above(make_keys().signer);
  serve_both(sign(zone_file(7), make_keys(), kFrom, kTo));
  const v1::ZoneFacts facts = look();
  EXPECT_EQ(facts.dnssec(), v1::DNSSEC_STATE_BROKEN);
  EXPECT_THAT(facts.dnssec_detail(), HasSubstr("no key at ns1.example.test (127.0.0.55)"));
}

TEST_F(RealZoneTest, ThatIsSignedAtOneServerAloneIsBrokenThere) {
  const Keys keys = make_keys();
  serve_above(keys.signer);
  serve(kFirst, {{"example.test", sign(zone_file(7), keys, kFrom, kTo)}});
  serve(kSecond, {{"example.test", zone_file(7)}});
  const v1::ZoneFacts facts = look();
  EXPECT_EQ(facts.dnssec(), v1::DNSSEC_STATE_BROKEN);
  EXPECT_EQ(facts.dnssec_detail(), "ns2.example.test (127.0.0.56) serves no key");
}

TEST_F(RealZoneTest, WhoseRecordWasChangedBehindItsSignatureIsBroken) {
  const Keys keys = make_keys();
  serve_above(keys.signer);
  std::string zone = sign(zone_file(7), keys, kFrom, kTo);
  const size_t policy = zone.find("v=spf1 mx -all");
  ASSERT_NE(policy, std::string::npos);
  zone.replace(policy, 14, "v=spf1 mx +all");
  serve_both(zone);
  const v1::ZoneFacts facts = look();
  EXPECT_EQ(facts.dnssec(), v1::DNSSEC_STATE_BROKEN);
  EXPECT_EQ(facts.dnssec_detail(),
            "TXT of example.test at ns1.example.test (127.0.0.55) is signed by no key that the "
            "zone above trusts");
}

TEST_F(RealZoneTest, WhoseServersDisagreeIsToldServerByServer) {
  serve_above();
  serve(kFirst, {{"example.test", zone_file(7)}});
  serve(kSecond, {{"example.test", zone_file(8, "@ NS ns3\nns3 A 127.0.0.57\n")}});
  const v1::ZoneFacts facts = look();
  ASSERT_THAT(facts.servers(), SizeIs(3));
  EXPECT_EQ(facts.servers(0).serial(), 7u);
  EXPECT_THAT(facts.servers(0).name_servers(), ElementsAre("ns1.example.test", "ns2.example.test"));
  EXPECT_EQ(facts.servers(1).serial(), 8u);
  EXPECT_THAT(facts.servers(1).name_servers(),
              ElementsAre("ns1.example.test", "ns2.example.test", "ns3.example.test"));
  // The resolver knows no address of it.
  EXPECT_EQ(facts.servers(2).answer(), v1::ZONE_ANSWER_NO_ADDRESS);
  EXPECT_FALSE(facts.servers(2).delegated());
}

TEST_F(RealZoneTest, OneOfWhoseServersIsDownOrLameIsToldSo) {
  serve_above();
  serve(kFirst, {{"example.test", zone_file(7)}});
  v1::ZoneFacts facts = look();
  ASSERT_THAT(facts.servers(), SizeIs(2));
  EXPECT_EQ(facts.servers(0).answer(), v1::ZONE_ANSWER_AUTHORITATIVE);
  EXPECT_EQ(facts.servers(1).answer(), v1::ZONE_ANSWER_UNREACHABLE) << facts.servers(1).detail();

  const std::string other =
      "$ORIGIN other.\n$TTL 300\n@ SOA ns h 1 3600 900 604800 300\n@ NS ns\n"
      "ns A 127.0.0.56\n";
  serve(kSecond, {{"other", other}});
  facts = look();
  EXPECT_EQ(facts.servers(1).answer(), v1::ZONE_ANSWER_REFUSED) << facts.servers(1).detail();
}

TEST_F(RealZoneTest, WhoseServersAreNotInTargetsAllowIsNotAskedThere) {
  serve_above();
  serve_both(zone_file(7));
  const v1::ZoneFacts facts = look("example.test", false);
  EXPECT_EQ(facts.delegation_detail(),
            "no server of test is in targets.allow: this is what the resolver of this host says");
  ASSERT_THAT(facts.servers(), SizeIs(2));
  EXPECT_EQ(facts.servers(0).answer(), v1::ZONE_ANSWER_NOT_ALLOWED);
  EXPECT_EQ(facts.spf().state(), v1::RECORD_STATE_UNSPECIFIED);
}

}  // namespace
}  // namespace muster::zone::test
