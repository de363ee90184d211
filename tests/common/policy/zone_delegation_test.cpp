// zone_delegation: whether each name server answers for the zone, and as the others do.
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

TEST(ZoneDelegation, PassesWhereEveryServerAnswersAsTheOthers) {
  const Control control = zone_control("zone_delegation");
  EXPECT_EQ(said(control, good_zone()),
            "pass: example.org is delegated to ns1.example.net, ns2.example.net, and each address "
            "of these answers");
  EXPECT_THAT(
      lines(judge_zone(control, good_zone())),
      ElementsAre("example.org | pass | example.org is delegated to ns1.example.net, "
                  "ns2.example.net",
                  "ns1.example.net 192.0.2.53 | pass | ns1.example.net (192.0.2.53) answers, with "
                  "serial 2026112101",
                  "ns2.example.net 198.51.100.53 | pass | ns2.example.net (198.51.100.53) answers, "
                  "with serial 2026112101"));
  EXPECT_THAT(said(control, good_zone(), kNow + days(1)), HasSubstr("unknown: ")) << "too old";
}

TEST(ZoneDelegation, FailsOfAServerThatDoesNotAnswerForTheZone) {
  const Control control = zone_control("zone_delegation");
  for (int answer = v1::ZONE_ANSWER_NOT_AUTHORITATIVE; answer <= v1::ZONE_ANSWER_NO_ADDRESS;
       ++answer) {
    v1::ZoneFacts facts = good_zone();
    facts.mutable_servers(1)->set_answer(static_cast<v1::ZoneAnswer>(answer));
    facts.mutable_servers(1)->set_detail("it says so");
    const v1::Verdict verdict = judge_zone(control, facts);
    EXPECT_EQ(verdict.status(), v1::STATUS_FAIL) << answer;
    EXPECT_EQ(verdict.subjects(0).subject(), "ns2.example.net 198.51.100.53");
    EXPECT_THAT(verdict.summary(), HasSubstr("ns2.example.net (198.51.100.53) "));
    EXPECT_THAT(verdict.summary(), HasSubstr("(it says so)"));
    EXPECT_EQ(verdict.subjects(1).status(), v1::STATUS_PASS);
  }
  v1::ZoneFacts lame = good_zone();
  for (v1::ZoneServer& server : *lame.mutable_servers())
    server.set_answer(v1::ZONE_ANSWER_NOT_AUTHORITATIVE);
  EXPECT_EQ(said(control, lame),
            "fail: ns1.example.net (192.0.2.53) does not have the zone: a lame delegation; and 1 "
            "more of 3 subjects");
  v1::ZoneFacts own = good_zone();
  v1::ZoneServer& third = add_server(own, "ns3.example.net", "203.0.113.53");
  third.set_answer(v1::ZONE_ANSWER_TIMED_OUT);
  third.set_delegated(false);
  EXPECT_THAT(said(control, own), HasSubstr("in time; only the zone itself names it"));
}

TEST(ZoneDelegation, FailsOfANameThatLeadsNowhere) {
  v1::ZoneFacts facts = good_zone();
  facts.mutable_servers(1)->set_answer(v1::ZONE_ANSWER_NO_ADDRESS);
  facts.mutable_servers(1)->clear_address();
  const v1::Verdict verdict = judge_zone(zone_control("zone_delegation"), facts);
  EXPECT_EQ(verdict.summary(), "ns2.example.net is a name that leads to no address");
  EXPECT_EQ(verdict.subjects(0).subject(), "ns2.example.net");
}

TEST(ZoneDelegation, IsUnknownOfAServerThatWasNotAsked) {
  const Control control = zone_control("zone_delegation");
  v1::ZoneFacts facts = good_zone();
  facts.mutable_servers(1)->set_answer(v1::ZONE_ANSWER_NOT_ALLOWED);
  EXPECT_EQ(said(control, facts),
            "unknown: ns2.example.net (198.51.100.53) was not asked: targets.allow of the host "
            "that looks does not list it for the kind zone");
  facts.mutable_servers(1)->set_answer(v1::ZONE_ANSWER_NOT_ASKED);
  facts.mutable_servers(1)->set_detail("this host has no IPv6");
  EXPECT_EQ(said(control, facts),
            "unknown: ns2.example.net (198.51.100.53) could not be asked (this host has no IPv6)");
  for (const int answer : {0, 99}) {
    facts.mutable_servers(1)->set_answer(static_cast<v1::ZoneAnswer>(answer));
    EXPECT_EQ(judge_zone(control, facts).status(), v1::STATUS_UNKNOWN) << answer;
  }
  v1::ZoneFacts silent = good_zone();
  silent.mutable_servers(0)->clear_name_servers();
  EXPECT_THAT(said(control, silent), HasSubstr("did not tell the zone's name servers"));
  v1::ZoneFacts more = good_zone();
  more.set_servers_omitted(3);
  EXPECT_EQ(
      said(control, more),
      "unknown: example.org: 3 more addresses of its name servers are beyond what one look asks");
  v1::ZoneFacts none = good_zone();
  none.clear_servers();
  EXPECT_EQ(said(control, none), "unknown: example.org: no name server of it was asked");
}

TEST(ZoneDelegation, IsWhatTheZoneAboveSays) {
  const Control control = zone_control("zone_delegation");
  v1::ZoneFacts facts = good_zone();
  facts.set_delegation(v1::RECORD_STATE_ABSENT);
  EXPECT_EQ(said(control, facts),
            "fail: the zone above does not know example.org: nobody finds it");
  facts.set_delegation(v1::RECORD_STATE_INVALID);
  EXPECT_EQ(judge_zone(control, facts).status(), v1::STATUS_FAIL);
  facts.set_delegation_detail("no server of org answered");
  for (const int state : {0, 99}) {
    facts.set_delegation(static_cast<v1::RecordState>(state));
    EXPECT_EQ(said(control, facts),
              "unknown: whether example.org is delegated is not known (no server of org answered)");
  }
  v1::ZoneFacts untold = good_zone();
  untold.clear_delegated_to();
  EXPECT_EQ(judge_zone(control, untold).status(), v1::STATUS_UNKNOWN);
}

TEST(ZoneDelegation, ComparesTheListsOfBothSides) {
  const Control control = zone_control("zone_delegation");
  v1::ZoneFacts facts = good_zone();
  facts.set_delegated_to(0, "NS1.example.net");
  EXPECT_EQ(judge_zone(control, facts).status(), v1::STATUS_PASS) << "case says nothing";
  facts.set_delegated_to(0, "ns0.example.net");
  EXPECT_EQ(said(control, facts),
            "fail: example.org names ns1.example.net, where the zone above does not send to; does "
            "not name ns0.example.net, where the zone above sends to");
  v1::ZoneFacts differ = good_zone();
  differ.mutable_servers(1)->mutable_name_servers()->RemoveLast();
  EXPECT_EQ(said(control, differ),
            "fail: ns2.example.net (198.51.100.53) does not name ns2.example.net as a name server, "
            "and others do");
  v1::ZoneFacts many = good_zone();
  for (int i = 2; i < 31; ++i)
    many.add_delegated_to("ns" + std::to_string(i + 1) + ".example.net");
  EXPECT_EQ(judge_zone(control, many).status(), v1::STATUS_FAIL);
  many.add_delegated_to("ns32.example.net");
  EXPECT_THAT(said(control, many), HasSubstr("more name servers than are told")) << "32 are all";
}

TEST(ZoneDelegation, CountsSerialNumbersRoundTheirEnd) {
  Control control = zone_control("zone_delegation");
  control.deadlines = Deadlines::all(hours(2));
  v1::ZoneFacts facts = good_zone();
  facts.mutable_servers(0)->set_serial(2);
  facts.mutable_servers(1)->set_serial(4294967290U);
  const v1::Verdict verdict = judge_zone(control, facts);
  EXPECT_EQ(verdict.status(), v1::STATUS_DUE) << "a transfer takes a while";
  EXPECT_EQ(from_proto(verdict.deadline()), kNow + hours(2));
  EXPECT_EQ(from_proto(verdict.valid_until()), kNow + hours(2));
  EXPECT_EQ(verdict.summary(),
            "ns2.example.net (198.51.100.53) has serial 4294967290 where ns1.example.net "
            "(192.0.2.53) has 2: a transfer is under way, or fails");
  // Half the way round neither is the newer, and they differ all the same.
  facts.mutable_servers(1)->set_serial(2 + (uint32_t{1} << 31));
  EXPECT_EQ(judge_zone(control, facts).status(), v1::STATUS_DUE);
}

TEST(ZoneDelegation, WantsTcpAndMoreThanOneServer) {
  const Control control = zone_control("zone_delegation");
  v1::ZoneFacts facts = good_zone();
  facts.mutable_servers(0)->set_no_tcp(true);
  EXPECT_EQ(said(control, facts),
            "fail: ns1.example.net (192.0.2.53) answers by UDP and not by TCP, which large answers "
            "need");
  v1::ZoneFacts one = good_zone();
  one.mutable_servers()->RemoveLast();
  one.mutable_delegated_to()->RemoveLast();
  one.mutable_servers(0)->mutable_name_servers()->RemoveLast();
  EXPECT_EQ(said(control, one),
            "fail: example.org has one name server alone: when that is away, so is the zone");
  v1::ZoneServer& second = *one.add_servers();
  second = one.servers(0);
  second.set_address("2001:db8::53");
  EXPECT_EQ(judge_zone(control, one).status(), v1::STATUS_FAIL) << "another way to the same";
  second.set_address("192.0.2.54");
  EXPECT_EQ(judge_zone(control, one).status(), v1::STATUS_PASS);
  v1::ZoneFacts doubled = good_zone();
  doubled.mutable_servers(1)->set_address("192.0.2.53");
  EXPECT_EQ(judge_zone(control, doubled).status(), v1::STATUS_FAIL) << "two names of one server";
}

TEST(ZoneDelegation, ShowsForeignBytesAsText) {
  const Control control = zone_control("zone_delegation");
  v1::ZoneFacts facts = good_zone();
  facts.mutable_servers(0)->set_name("ns1\n\x1b[2J" + std::string(10'000, 'a'));
  facts.mutable_servers(0)->set_answer(v1::ZONE_ANSWER_REFUSED);
  facts.mutable_servers(0)->set_detail(std::string(10'000, 'b'));
  const v1::Verdict verdict = judge_zone(control, facts);
  EXPECT_EQ(verdict.summary().find_first_of("\n\x1b"), std::string::npos);
  EXPECT_LT(verdict.summary().size(), 1000U);
  EXPECT_LT(verdict.subjects(0).subject().size(), 400U);
}

}  // namespace
}  // namespace muster::policy
