#include "agent/output/domain_results.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <sstream>

#include "common/timestamp.h"

namespace muster::agent {
namespace {

using namespace std::chrono_literals;
using Rank = TargetResult::Rank;
using ::testing::HasSubstr;

// 2026-11-23.
constexpr TimePoint kLookedAt(1'795'392'000s);
// 2031-05-17T09:00:00Z, and a year before the look.
constexpr TimePoint kExpires(1'936'774'800s);
constexpr TimePoint kEnded = kLookedAt - std::chrono::days(365);

struct Case {
  Rank rank;
  std::string words;
  std::string note;
};

void expect(const TargetResult& result, const Case& wanted) {
  EXPECT_EQ(result.rank, wanted.rank) << result.words << ": " << result.note;
  EXPECT_EQ(result.words, wanted.words);
  EXPECT_EQ(result.note, wanted.note);
  EXPECT_EQ(result.time, "");
}

v1::DomainFacts domain(v1::RegistryAnswer answer) {
  v1::DomainFacts facts;
  facts.set_domain("example.org");
  facts.set_answer(answer);
  return facts;
}

TEST(DomainResults, OfADomainTellWhenItEndsAndWhoSaysSo) {
  v1::DomainFacts facts = domain(v1::REGISTRY_ANSWER_REGISTERED);
  expect(domain_result(facts, kLookedAt),
         {Rank::kAnswers, "no date",
          "its registry publishes no date: expires= of the target gives one"});
  // At the end of 2027-03-31.
  *facts.mutable_expires_by_hand() = to_proto(TimePoint(1'806'537'600s));
  expect(domain_result(facts, kLookedAt), {Rank::kAnswers, "ends 2027-03-31",
                                           "the date is by hand: its registry publishes no date"});
  *facts.mutable_expires() = to_proto(kExpires);
  expect(domain_result(facts, kLookedAt), {Rank::kAnswers, "ends 2031-05-17", ""});
  facts.set_expires_zone_unknown(true);
  expect(domain_result(facts, kLookedAt),
         {Rank::kAnswers, "ends 2031-05-16",
          "or the day after: the registry's date has no time zone"});
  facts.set_expires_zone_unknown(false);
  *facts.mutable_expires() = to_proto(kEnded);
  expect(domain_result(facts, kLookedAt), {Rank::kAnswers, "ended 2025-11-23", ""});
}

TEST(DomainResults, OfADomainThatNobodyHasOrNobodyTellsOfSaySo) {
  v1::DomainFacts facts = domain(v1::REGISTRY_ANSWER_FREE);
  expect(domain_result(facts, kLookedAt), {Rank::kNoAnswer, "free", "nobody has example.org"});
  // A date by hand does not make it anybody's.
  *facts.mutable_expires_by_hand() = to_proto(kExpires);
  expect(domain_result(facts, kLookedAt), {Rank::kNoAnswer, "free", "nobody has example.org"});
  facts = domain(v1::REGISTRY_ANSWER_RESERVED);
  facts.set_detail("by the\nregistry");
  expect(domain_result(facts, kLookedAt),
         {Rank::kNoAnswer, "reserved", "nobody has example.org (by the\\x0aregistry)"});
  facts = domain(v1::REGISTRY_ANSWER_UNSUPPORTED);
  expect(domain_result(facts, kLookedAt),
         {Rank::kNotLookedAt, "unsupported",
          "its registry answers neither RDAP nor WHOIS: expires= of the target gives one"});
  *facts.mutable_expires_by_hand() = to_proto(TimePoint(1'806'537'600s));
  expect(domain_result(facts, kLookedAt),
         {Rank::kAnswers, "ends 2027-03-31",
          "the date is by hand: its registry answers neither RDAP nor WHOIS"});
  expect(domain_result(domain(static_cast<v1::RegistryAnswer>(99)), kLookedAt),
         {Rank::kNotLookedAt, "unknown", "the look-up ended in a way newer than this agent"});
}

v1::ZoneFacts zone() {
  v1::ZoneFacts facts;
  facts.set_zone("example.org");
  facts.set_delegation(v1::RECORD_STATE_PRESENT);
  for (const char* name : {"ns1.example.net", "ns2.example.net"}) {
    facts.add_delegated_to(name);
    v1::ZoneServer& server = *facts.add_servers();
    server.set_name(name);
    server.set_address("192.0.2.53");
    server.set_delegated(true);
    server.set_answer(v1::ZONE_ANSWER_AUTHORITATIVE);
    server.set_serial(7);
    server.add_name_servers("ns1.example.net");
    server.add_name_servers("ns2.example.net");
  }
  facts.set_dnssec(v1::DNSSEC_STATE_GOOD);
  return facts;
}

TEST(DomainResults, OfAZoneTellWhichServersDoNotAnswerAndWhatTheySayDifferently) {
  v1::ZoneFacts facts = zone();
  expect(zone_result(facts), {Rank::kAnswers, "answers", ""});
  facts.mutable_servers(1)->set_serial(6);
  expect(zone_result(facts),
         {Rank::kAnswers, "answers",
          "ns2.example.net (192.0.2.53) has serial 6 where ns1.example.net (192.0.2.53) has 7: a "
          "transfer is under way, or fails"});
  for (const v1::ZoneAnswer answer :
       {v1::ZONE_ANSWER_NOT_AUTHORITATIVE, v1::ZONE_ANSWER_REFUSED, v1::ZONE_ANSWER_SERVER_FAILURE,
        v1::ZONE_ANSWER_TIMED_OUT, v1::ZONE_ANSWER_UNREACHABLE, v1::ZONE_ANSWER_UNREADABLE,
        v1::ZONE_ANSWER_NO_ADDRESS}) {
    facts.mutable_servers(1)->set_answer(answer);
    const TargetResult result = zone_result(facts);
    EXPECT_EQ(result.rank, Rank::kNoAnswer) << answer;
    EXPECT_EQ(result.words, "1 of 2 answer") << answer;
    EXPECT_THAT(result.note, HasSubstr("ns2.example.net")) << answer;
  }
}

TEST(DomainResults, OfAZoneThatIsNotThereOrNotFoundOrWasNotAskedSaySo) {
  v1::ZoneFacts facts = zone();
  facts.set_dnssec(v1::DNSSEC_STATE_BROKEN);
  facts.set_dnssec_detail("ns2.example.net serves no key");
  expect(zone_result(facts),
         {Rank::kNoAnswer, "broken", "DNSSEC is broken (ns2.example.net serves no key)"});
  facts.set_delegation(v1::RECORD_STATE_ABSENT);
  facts.set_delegation_detail("org has no such name");
  expect(zone_result(facts), {Rank::kNoAnswer, "no such zone",
                              "the zone above does not know example.org (org has no such name)"});
  facts = zone();
  for (v1::ZoneServer& server : *facts.mutable_servers())
    server.set_answer(v1::ZONE_ANSWER_NOT_ALLOWED);
  EXPECT_EQ(zone_result(facts).rank, Rank::kNotLookedAt);
  EXPECT_THAT(zone_result(facts).note, HasSubstr("targets.allow"));
  expect(zone_result({}), {Rank::kNotLookedAt, "not looked", "whether  is delegated is not known"});
}

v1::Lookalike& add(v1::LookalikeFacts& facts, const std::string& name) {
  v1::Lookalike& one = *facts.add_registered();
  one.set_name(name);
  return one;
}

TEST(DomainResults, OfLookalikesNameThoseThatAreSomebodyElses) {
  v1::LookalikeFacts facts;
  expect(lookalike_result(facts), {Rank::kNotLookedAt, "not looked", "no name was asked for"});
  facts.set_tried(1200);
  expect(lookalike_result(facts), {Rank::kAnswers, "0 look-alikes", ""});
  add(facts, "example.net").set_owned(true);
  expect(lookalike_result(facts), {Rank::kAnswers, "0 look-alikes", ""});
  v1::Lookalike& other = add(facts, "xn--xample-9uf.org");
  other.set_shown("еxample.org");
  other.set_mail_ready(true);
  expect(lookalike_result(facts),
         {Rank::kAnswers, "1 look-alike", "xn--xample-9uf.org (еxample.org) can take mail"});
  for (const char* name : {"a.org", "b.org", "c.org", "d.org", "e.org"})
    add(facts, name);
  facts.set_registered_omitted(3);
  facts.set_unanswered(4);
  expect(lookalike_result(facts),
         {Rank::kAnswers, "9 look-alikes",
          "xn--xample-9uf.org (еxample.org) can take mail, a.org, b.org, c.org and 2 more; of 1200 "
          "names, 4 gave no answer"});
  facts.set_unanswered(1200);
  EXPECT_EQ(lookalike_result(facts).rank, Rank::kNotLookedAt);
}

LookedAtTarget looked_at(const std::string& kind, const google::protobuf::Message& facts) {
  LookedAtTarget one;
  one.target = {.name = kind, .kind = kind, .address = std::string(200, 'n') + ".example.org"};
  one.section.outcome = v1::OUTCOME_OBSERVED;
  one.section.looked_at = kLookedAt;
  one.section.facts_type = facts.GetTypeName();
  one.section.facts = facts.SerializeAsString();
  return one;
}

TEST(DomainResults, AreInTheTableWhichFitsTheTerminal) {
  v1::LookalikeFacts alike;
  alike.set_tried(2000);
  alike.set_registered_omitted(1999);
  v1::DomainFacts registered = domain(v1::REGISTRY_ANSWER_REGISTERED);
  *registered.mutable_expires() = to_proto(kEnded);
  const CheckReport made = report_targets(
      {looked_at("lookalikes", alike), looked_at("domain", registered), looked_at("zone", zone())},
      {});
  EXPECT_EQ(made.exit_status, 0);
  for (const char* words : {"1999 look-alikes", "ended 2025-11-23", "answers", "3 of 3 answer"})
    EXPECT_THAT(made.text, HasSubstr(words));
  std::istringstream lines(made.text);
  for (std::string line; std::getline(lines, line);)
    EXPECT_LE(display_width(line), 80U) << line;
}

}  // namespace
}  // namespace muster::agent
