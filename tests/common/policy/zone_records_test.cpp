// zone_spf, zone_dmarc, zone_dkim and zone_caa: records that a zone should have.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "common/policy/status.h"
#include "tests/common/policy/zones.h"

namespace muster::policy {
namespace {

using namespace muster::testing;  // the words of the tests
using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(ZoneSpf, WantsARecordThatDoesNotLetEverybodySend) {
  const Control control = zone_control("zone_spf");
  v1::ZoneFacts facts = good_zone();
  EXPECT_EQ(
      said(control, facts),
      "pass: example.org says who may send its mail by its SPF record, and of all others -all");
  facts.mutable_spf()->set_all("?all");
  EXPECT_THAT(said(control, facts), HasSubstr("which says nothing of all others"));
  facts.mutable_spf()->set_all("+all");
  EXPECT_EQ(said(control, facts),
            "fail: the SPF record of example.org lets everybody send in its name (+all)");
  facts.mutable_spf()->set_all("");
  facts.mutable_spf()->set_lookups(10);
  EXPECT_EQ(judge_zone(control, facts).status(), v1::STATUS_PASS);
  facts.mutable_spf()->set_lookups(11);
  EXPECT_THAT(said(control, facts), HasSubstr("takes 11 look-ups, and 10 are allowed"));
  EXPECT_EQ(judge_zone(control, facts).status(), v1::STATUS_FAIL);
}

TEST(ZoneSpf, TellsMissingFromInvalidFromNotKnown) {
  Control control = zone_control("zone_spf");
  v1::ZoneFacts facts = good_zone();
  facts.mutable_spf()->set_state(v1::RECORD_STATE_ABSENT);
  EXPECT_EQ(said(control, facts),
            "fail: example.org has no SPF record: anybody can send mail in its name");
  facts.mutable_mail_exchangers(0)->set_host(".");
  EXPECT_THAT(said(control, facts), HasSubstr("publish \"v=spf1 -all\""));
  control.parameters = {{"required", int64_t{0}}};
  EXPECT_EQ(said(control, facts), "not_applicable: example.org has no SPF record");
  facts.mutable_spf()->set_state(v1::RECORD_STATE_INVALID);
  facts.mutable_spf()->set_detail("there are two");
  EXPECT_EQ(said(control, facts),
            "fail: nobody goes by the SPF record of example.org (there are two)");
  facts.mutable_spf()->set_state(v1::RECORD_STATE_UNSPECIFIED);
  facts.mutable_spf()->set_detail("no server answered");
  EXPECT_EQ(said(control, facts),
            "unknown: whether example.org has a good SPF record is not known (no server answered)");
  facts.mutable_spf()->set_state(static_cast<v1::RecordState>(99));
  EXPECT_EQ(judge_zone(control, facts).status(), v1::STATUS_UNKNOWN);
}

TEST(ZoneDmarc, WantsARecordWithOneOfThePolicies) {
  Control control = zone_control("zone_dmarc");
  v1::ZoneFacts facts = good_zone();
  EXPECT_EQ(said(control, facts), "pass: the DMARC policy of example.org is quarantine");
  facts.mutable_dmarc()->set_policy("none");
  EXPECT_THAT(said(control, facts), HasSubstr("is none: forged mail is only told of"));
  control.parameters = {{"policies", Globs{"quarantine", "reject"}}};
  EXPECT_EQ(said(control, facts),
            "fail: the DMARC policy of example.org is none, where quarantine or reject is wanted");
  facts.mutable_dmarc()->set_policy("reject");
  EXPECT_EQ(judge_zone(control, facts).status(), v1::STATUS_PASS);
  facts.set_zone("shop.example.org");
  EXPECT_EQ(said(control, facts),
            "pass: the DMARC policy of shop.example.org (of example.org) is reject");
  facts.mutable_dmarc()->clear_policy();
  EXPECT_EQ(judge_zone(control, facts).status(), v1::STATUS_UNKNOWN);
}

TEST(ZoneDmarc, TellsMissingFromInvalidFromNotKnown) {
  Control control = zone_control("zone_dmarc");
  v1::ZoneFacts facts = good_zone();
  facts.mutable_dmarc()->set_state(v1::RECORD_STATE_INVALID);
  EXPECT_EQ(judge_zone(control, facts).status(), v1::STATUS_FAIL);
  facts.mutable_dmarc()->set_state(v1::RECORD_STATE_UNSPECIFIED);
  EXPECT_EQ(judge_zone(control, facts).status(), v1::STATUS_UNKNOWN);
  facts.mutable_dmarc()->set_state(v1::RECORD_STATE_ABSENT);
  EXPECT_EQ(judge_zone(control, facts).status(), v1::STATUS_FAIL);
  control.parameters = {{"required", int64_t{0}}};
  EXPECT_EQ(judge_zone(control, facts).status(), v1::STATUS_NOT_APPLICABLE);
}

TEST(ZoneDkim, JudgesEachSelectorOfTheTarget) {
  const Control control = zone_control("zone_dkim");
  v1::ZoneFacts facts = good_zone();
  EXPECT_EQ(said(control, facts), "pass: the DKIM key mail is published, with 2048 bits of RSA");
  v1::DkimKey& second = *facts.add_dkim_keys();
  second.set_selector("2026a");
  second.set_state(v1::RECORD_STATE_PRESENT);
  second.set_key_type("ed25519");
  EXPECT_EQ(said(control, facts), "pass: 2 DKIM keys are published");
  second.set_state(v1::RECORD_STATE_ABSENT);
  EXPECT_THAT(lines(judge_zone(control, facts)),
              ElementsAre("2026a | fail | the DKIM key 2026a is not published: nobody can check "
                          "what it signs",
                          "mail | pass | the DKIM key mail is published, with 2048 bits of RSA"));
  second.set_state(v1::RECORD_STATE_INVALID);
  second.set_detail("it was revoked");
  EXPECT_EQ(said(control, facts), "fail: nobody goes by the DKIM key 2026a (it was revoked)");
  second.set_state(v1::RECORD_STATE_UNSPECIFIED);
  EXPECT_EQ(judge_zone(control, facts).status(), v1::STATUS_UNKNOWN);
  facts.clear_dkim_keys();
  EXPECT_EQ(said(control, facts),
            "not_applicable: the target gives no selector of example.org (dkim=)");
}

TEST(ZoneDkim, WantsKeysThatAreLongEnough) {
  Control control = zone_control("zone_dkim");
  v1::ZoneFacts facts = good_zone();
  v1::DkimKey& key = *facts.mutable_dkim_keys(0);
  key.set_key_bits(1024);
  EXPECT_EQ(said(control, facts),
            "pass: the DKIM key mail is published, with 1024 bits of RSA, where 2048 are better");
  key.set_key_bits(1023);
  EXPECT_EQ(said(control, facts),
            "fail: the DKIM key mail has 1023 bits of RSA, and 1024 are the least");
  control.parameters = {{"minimum_rsa_bits", int64_t{2048}}};
  key.set_key_bits(2047);
  EXPECT_EQ(judge_zone(control, facts).status(), v1::STATUS_FAIL);
  key.set_key_bits(0);
  EXPECT_EQ(judge_zone(control, facts).status(), v1::STATUS_UNKNOWN);
  key.set_key_type("ml-dsa");
  EXPECT_THAT(said(control, facts), HasSubstr("newer than this collector (ml-dsa)"));
}

TEST(ZoneCaa, HoldsTheAuthoritiesToTheList) {
  Control control = zone_control("zone_caa");
  v1::ZoneFacts facts = good_zone();
  EXPECT_EQ(said(control, facts), "pass: ca.example.net may issue certificates for example.org");
  control.parameters = {{"issuers", Globs{"CA.example.net"}}};
  EXPECT_EQ(judge_zone(control, facts).status(), v1::STATUS_PASS);
  v1::CaaRecord& wild = *facts.add_caa();
  wild.set_tag("IssueWild");
  wild.set_value("other.example");
  EXPECT_EQ(said(control, facts),
            "fail: other.example may issue certificates for example.org, and is none of `issuers`");
  wild.set_value(";");
  EXPECT_EQ(judge_zone(control, facts).status(), v1::STATUS_PASS) << "nobody may";
  facts.mutable_caa()->DeleteSubrange(0, 1);
  facts.set_zone("shop.example.org");
  EXPECT_EQ(said(control, facts),
            "pass: nobody may issue certificates for shop.example.org (by the records of "
            "example.org)");
  facts.mutable_caa(0)->set_value("ca.example.net");
  while (facts.caa_size() < 32)
    *facts.add_caa() = facts.caa(0);
  EXPECT_THAT(said(control, facts), HasSubstr("unknown: ")) << "there may be more";
}

TEST(ZoneCaa, WantsARecordOnlyWhereThatIsRequired) {
  Control control = zone_control("zone_caa");
  v1::ZoneFacts absent = good_zone();
  absent.set_caa_state(v1::RECORD_STATE_ABSENT);
  absent.clear_caa();
  v1::ZoneFacts reports_only = good_zone();
  reports_only.mutable_caa(0)->set_tag("iodef");
  v1::ZoneFacts not_known = good_zone();
  not_known.set_caa_state(v1::RECORD_STATE_UNSPECIFIED);
  EXPECT_EQ(judge_zone(control, absent).status(), v1::STATUS_NOT_APPLICABLE);
  EXPECT_EQ(judge_zone(control, reports_only).status(), v1::STATUS_NOT_APPLICABLE);
  EXPECT_EQ(judge_zone(control, not_known).status(), v1::STATUS_UNKNOWN);
  control.parameters = {{"required", int64_t{1}}};
  EXPECT_EQ(said(control, absent),
            "fail: example.org has no CAA record: every authority may issue certificates for it");
  EXPECT_EQ(said(control, reports_only),
            "fail: the CAA records of example.org name no authority: all may issue");
  EXPECT_EQ(judge_zone(control, not_known).status(), v1::STATUS_UNKNOWN);
}

}  // namespace
}  // namespace muster::policy
