// What a zone says of its mail, and of who may issue certificates.
#include <gmock/gmock.h>

#include "agent/probes/zone/dkim_key.h"
#include "agent/probes/zone/dmarc_record.h"
#include "agent/probes/zone/spf_terms.h"
#include "tests/agent/probes/zone/fake_asker.h"

namespace muster::zone::test {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

// Made for these tests.
constexpr const char* kRsa1024 =
    "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQCihohSZyJ+zuHNRbhl2tXxShd8kVuAH2BvLwh5CGmI"
    "dErWZVouBCEWuY0n8n7JAEkH0cGqm/PEgn5TP5XNztP8Q6lBjhXk+eaRvVE+ndEMHK7gRlDV7I+AdtUN"
    "Hb0aH1eVNXBQcEmiS6tJLCyu/q09tHqJ35qfBt4tJEHtvZJfNQIDAQAB";

v1::SpfRecord spf_of(FakeAsker& asker, const std::string& text) {
  for (const std::string server : {"192.0.2.1", "192.0.2.2"})
    asker.at(server, "example.org", Type::kTxt).answer = {"example.org. TXT \"" + text + "\""};
  return look(asker).spf();
}

void publish(FakeAsker& asker, const std::string& name, const std::string& text) {
  asker.at("", name, Type::kTxt).answer.push_back(name + ". TXT \"" + text + "\"");
}

TEST(ZoneMail, ExchangersAreToldByPreference) {
  FakeAsker asker = healthy_zone();
  const v1::ZoneFacts facts = look(asker);
  EXPECT_EQ(facts.mail_exchanger_state(), v1::RECORD_STATE_PRESENT);
  ASSERT_THAT(facts.mail_exchangers(), SizeIs(2));
  EXPECT_EQ(facts.mail_exchangers(0).host(), "a.example.net");
  EXPECT_EQ(facts.mail_exchangers(0).preference(), 10u);
}

TEST(ZoneMail, ADomainThatTakesNoMailIsOneWithANullExchanger) {
  FakeAsker asker = healthy_zone();
  asker.at("192.0.2.1", "example.org", Type::kMx).answer = {"example.org. MX 0 ."};
  const v1::ZoneFacts facts = look(asker);
  ASSERT_THAT(facts.mail_exchangers(), SizeIs(1));
  EXPECT_EQ(facts.mail_exchangers(0).host(), ".");
}

TEST(ZoneSpf, IsReadAndCounted) {
  FakeAsker asker = healthy_zone();
  publish(asker, "a.example.net", "v=spf1 include:b.example.net ~all");
  publish(asker, "b.example.net", "v=spf1 ip4:192.0.2.9 +all");
  const v1::SpfRecord spf = spf_of(asker, "V=spf1 mx include:A.example.net -all");
  EXPECT_EQ(spf.state(), v1::RECORD_STATE_PRESENT) << spf.detail();
  EXPECT_EQ(spf.lookups(), 3u);
  EXPECT_EQ(spf.all(), "-all");
}

TEST(ZoneSpf, IsPresentWithWhatItSaysOfOthers) {
  FakeAsker asker = healthy_zone();
  v1::SpfRecord spf = look(asker).spf();
  EXPECT_EQ(spf.state(), v1::RECORD_STATE_PRESENT) << spf.detail();
  EXPECT_EQ(spf.text(), "v=spf1 ip4:192.0.2.0/24 -all");
  EXPECT_EQ(spf.all(), "-all");
  EXPECT_EQ(spf.lookups(), 0u);
  EXPECT_EQ(spf_of(asker, "v=spf1 all").all(), "+all");
  EXPECT_EQ(spf_of(asker, "v=spf1 ip6:2001:db8::/32").all(), "");
  publish(asker, "r.example.net", "v=spf1 ?all");
  spf = spf_of(asker, "v=spf1 redirect=r.example.net");
  EXPECT_EQ(spf.all(), "?all");
  EXPECT_EQ(spf.lookups(), 1u);
  EXPECT_EQ(spf.state(), v1::RECORD_STATE_PRESENT);
}

TEST(ZoneSpf, IsAbsentWithoutOneAndInvalidWithTwo) {
  FakeAsker asker = healthy_zone();
  EXPECT_EQ(spf_of(asker, "v=spf10 -all").state(), v1::RECORD_STATE_ABSENT);
  Canned& texts = asker.at("192.0.2.1", "example.org", Type::kTxt);
  texts.answer = {"example.org. TXT \"v=spf1 -all\"", "example.org. TXT \"v=spf1 ~all\""};
  const v1::SpfRecord spf = look(asker).spf();
  EXPECT_EQ(spf.state(), v1::RECORD_STATE_INVALID);
  EXPECT_EQ(spf.detail(), "there are 2 records, and who finds several uses none");
}

TEST(ZoneSpf, TakesTenLookUpsAndNoMore) {
  for (const int count : {10, 11, 40, 45}) {
    FakeAsker asker = healthy_zone();
    std::string text = "v=spf1";
    for (int i = 0; i < count; ++i) {
      const std::string name = "i" + std::to_string(i) + ".example.net";
      publish(asker, name, "v=spf1 ip4:192.0.2.1 -all");
      text += " include:" + name;
    }
    // As strings of at most 255 bytes.
    std::string strings;
    for (size_t i = 0; i < text.size(); i += 200)
      strings += (i == 0 ? "" : "\" \"") + text.substr(i, 200);
    const v1::SpfRecord spf = spf_of(asker, strings);
    EXPECT_EQ(spf.lookups(), std::min(count, 40));
    EXPECT_EQ(spf.state(), count <= 10 ? v1::RECORD_STATE_PRESENT : v1::RECORD_STATE_INVALID);
    if (count == 11) {
      EXPECT_EQ(spf.detail(), "evaluating it takes 11 look-ups, and 10 are allowed");
    }
    if (count == 45) {
      EXPECT_THAT(spf.detail(), HasSubstr("takes at least 40"));
    }
  }
}

TEST(ZoneSpf, ThatIncludesItselfIsCountedToAnEnd) {
  FakeAsker asker = healthy_zone();
  publish(asker, "example.org", "v=spf1 include:example.org -all");
  const v1::SpfRecord spf = spf_of(asker, "v=spf1 include:example.org -all");
  EXPECT_EQ(spf.state(), v1::RECORD_STATE_INVALID);
  EXPECT_EQ(spf.lookups(), 40u);
}

TEST(ZoneSpf, ThatLeadsNowhereIsInvalid) {
  FakeAsker asker = healthy_zone();
  v1::SpfRecord spf = spf_of(asker, "v=spf1 include:none.example.net -all");
  EXPECT_EQ(spf.state(), v1::RECORD_STATE_INVALID);
  EXPECT_EQ(spf.detail(), "include:none.example.net leads to no record of SPF");
  spf = spf_of(asker, "v=spf1 a:1.example.net a:2.example.net -all");
  EXPECT_EQ(spf.state(), v1::RECORD_STATE_PRESENT) << spf.detail();
  spf = spf_of(asker, "v=spf1 a:1.example.net a:2.example.net exists:3.example.net -all");
  EXPECT_EQ(spf.state(), v1::RECORD_STATE_INVALID);
  EXPECT_EQ(spf.detail(), "3 of its look-ups find nothing, and 2 are allowed");
}

TEST(ZoneSpf, IsNotKnownWhereWhatItIncludesIsNot) {
  FakeAsker asker = healthy_zone();
  asker.at("", "broken.example.net", Type::kTxt) = {.code = 2};
  const v1::SpfRecord spf = spf_of(asker, "v=spf1 include:broken.example.net -all");
  EXPECT_EQ(spf.state(), v1::RECORD_STATE_UNSPECIFIED);
  EXPECT_THAT(spf.detail(), HasSubstr("SERVFAIL"));
}

TEST(SpfTerms, AreThoseOfRfc7208) {
  for (const char* good :
       {"v=spf1", "v=spf1 -all", "v=spf1 a/24 mx/24//64 a:b.example//64 -all",
        "v=spf1 exists:%{i}._spf.%{d2} -all", "v=spf1 ?ptr ptr:example.org ~all",
        "v=spf1 ip4:192.0.2.1 ip6:2001:db8::1/64 x-unknown=%{d} exp=e.example.org -all",
        "v=spf1 a:%{d1r/}.example.org/24 -all"}) {
    EXPECT_TRUE(parse_spf(good).ok()) << good << ": " << parse_spf(good).status();
  }
  for (const char* bad :
       {"v=spf1 ip4:192.0.2.300 -all", "v=spf1 ip4:2001:db8::1", "v=spf1 ip6:192.0.2.1",
        "v=spf1 ip4:192.0.2.0/33", "v=spf1 include", "v=spf1 include: -all",
        "v=spf1 ipv4:192.0.2.1", "v=spf1 a/ -all", "v=spf1 a/33", "v=spf1 a: -all",
        "v=spf1 -all=", "v=spf1 redirect=", "v=spf1 redirect=a.example redirect=b.example",
        "v=spf1 exists:%{x}.example.org", "v=spf1 exists:%", "v=spf1 include:example",
        "v=spf1 all:", "v=spf1 -"}) {
    EXPECT_FALSE(parse_spf(bad).ok()) << bad;
  }
}

TEST(ZoneDmarc, IsThatOfTheNameElseOfTheRegisteredDomainAbove) {
  FakeAsker asker = healthy_zone();
  asker.at("192.0.2.1", "_dmarc.example.org", Type::kTxt).answer = {
      "_dmarc.example.org. TXT \"v=DMARC1; p=Reject; sp=none\""};
  EXPECT_EQ(look(asker).dmarc().policy(), "reject");
  EXPECT_EQ(look(asker).dmarc().domain(), "example.org");

  // The same world as that of a zone below the registered domain.
  asker = healthy_zone();
  asker.at("", "_dmarc.org", Type::kTxt).answer = {
      "_dmarc.org. TXT \"v=DMARC1; p=reject; sp=quarantine\""};
  const v1::DmarcRecord above = look(asker, "example.org", "org").dmarc();
  EXPECT_EQ(above.policy(), "quarantine");
  EXPECT_EQ(above.domain(), "org");
  EXPECT_EQ(look(asker).dmarc().state(), v1::RECORD_STATE_ABSENT);
}

TEST(ZoneDmarc, IsInvalidWhereNobodyGoesByIt) {
  EXPECT_EQ(read_dmarc({"v=DMARC1; p=none"}, false).state(), v1::RECORD_STATE_PRESENT);
  EXPECT_EQ(read_dmarc({"v=DMARC1;p=none;"}, false).state(), v1::RECORD_STATE_PRESENT);
  EXPECT_EQ(read_dmarc({"v=DMARC1; rua=mailto:a@example.org"}, false).policy(), "none");
  EXPECT_EQ(read_dmarc({}, false).state(), v1::RECORD_STATE_ABSENT);
  EXPECT_EQ(read_dmarc({"v=DMARC12; p=none", "v=spf1"}, false).state(), v1::RECORD_STATE_ABSENT);
  EXPECT_EQ(read_dmarc({"v=DMARC1"}, false).state(), v1::RECORD_STATE_INVALID);
  EXPECT_EQ(read_dmarc({"v=DMARC1; p=rejct"}, false).state(), v1::RECORD_STATE_INVALID);
  EXPECT_EQ(read_dmarc({"v=DMARC1; p=none; reject"}, false).state(), v1::RECORD_STATE_INVALID);
  const v1::DmarcRecord two = read_dmarc({"v=DMARC1; p=none", "v=DMARC1; p=reject"}, false);
  EXPECT_EQ(two.state(), v1::RECORD_STATE_INVALID);
  EXPECT_EQ(two.policy(), "");
}

TEST(ZoneDkim, KeysAreReadBySelectorAlsoBehindAnAlias) {
  FakeAsker asker = healthy_zone();
  asker.at("192.0.2.1", "mail._domainkey.example.org", Type::kTxt).answer = {
      "mail._domainkey.example.org. CNAME mail.provider.example."};
  asker.at("", "mail._domainkey.example.org", Type::kTxt).answer = {
      "mail._domainkey.example.org. CNAME mail.provider.example.",
      "mail.provider.example. TXT \"v=DKIM1; k=rsa; p=" + std::string(kRsa1024) + "\""};
  asker.at("192.0.2.1", "old._domainkey.example.org", Type::kTxt).answer = {
      "old._domainkey.example.org. TXT \"v=DKIM1; p=\""};
  const v1::ZoneFacts facts = look(asker, "example.org dkim=old,mail,none");
  ASSERT_THAT(facts.dkim_keys(), SizeIs(3));
  EXPECT_EQ(facts.dkim_keys(0).selector(), "mail");
  EXPECT_EQ(facts.dkim_keys(0).state(), v1::RECORD_STATE_PRESENT) << facts.dkim_keys(0).detail();
  EXPECT_EQ(facts.dkim_keys(0).key_bits(), 1024u);
  EXPECT_EQ(facts.dkim_keys(1).state(), v1::RECORD_STATE_ABSENT);
  EXPECT_EQ(facts.dkim_keys(2).state(), v1::RECORD_STATE_INVALID);
  EXPECT_EQ(facts.dkim_keys(2).detail(), "the key was revoked (its p= is empty)");
}

TEST(DkimKey, IsInvalidWhereNobodyCanUseIt) {
  const std::string ed25519 = "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";
  EXPECT_EQ(parse_dkim_key(ed25519).state(), v1::RECORD_STATE_PRESENT);
  for (const char* bad : {"", "v=DKIM2; p=AAAA", "p=AAAA; v=DKIM1", "v=DKIM1; k=rsa",
                          "v=DKIM1; p=!", "v=DKIM1; p=AAAA", "k=dsa; p=AAAA", "k=ed25519; p=AAAA",
                          "v=DKIM1; p=AAAA; p=AAAA", "nothing"}) {
    EXPECT_EQ(parse_dkim_key(bad).state(), v1::RECORD_STATE_INVALID) << bad;
    EXPECT_FALSE(parse_dkim_key(bad).detail().empty()) << bad;
  }
}

TEST(ZoneCaa, IsThatOfTheNameElseOfOneAbove) {
  FakeAsker asker = healthy_zone();
  EXPECT_EQ(look(asker).caa_state(), v1::RECORD_STATE_ABSENT);
  asker.at("", "org", Type::kCaa).answer = {"org. CAA 128 issue \"ca.example.net\""};
  v1::ZoneFacts facts = look(asker);
  EXPECT_EQ(facts.caa_state(), v1::RECORD_STATE_PRESENT);
  EXPECT_EQ(facts.caa_domain(), "org");
  ASSERT_THAT(facts.caa(), SizeIs(1));
  EXPECT_EQ(facts.caa(0).flags(), 128u);
  EXPECT_EQ(facts.caa(0).tag(), "issue");
  EXPECT_EQ(facts.caa(0).value(), "ca.example.net");
  asker.at("192.0.2.1", "example.org", Type::kCaa).answer = {
      "example.org. CAA 0 issuewild \";\"", "example.org. CAA 0 issue \"a.example\""};
  facts = look(asker);
  EXPECT_EQ(facts.caa_domain(), "example.org");
  EXPECT_THAT(facts.caa(), SizeIs(2));
}

TEST(ZoneCaa, IsNotKnownWhereANameAboveIsNot) {
  FakeAsker asker = healthy_zone();
  asker.at("", "org", Type::kCaa) = {.code = 2};
  EXPECT_EQ(look(asker).caa_state(), v1::RECORD_STATE_UNSPECIFIED);
}

}  // namespace
}  // namespace muster::zone::test
