// The rules about domains and their look-alikes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "common/policy/rules.h"
#include "common/timestamp.h"
#include "muster/v1/domain_facts.pb.h"
#include "tests/common/policy/judging.h"

namespace muster::policy {
namespace {

using namespace muster::testing;  // the words of the tests
using std::chrono::days;
using std::chrono::hours;
using ::testing::HasSubstr;

// Of the kind that the rule's name begins with.
Control control_for(const std::string& rule) {
  Control control = control_of(rule);
  control.applies_to.kind = rule.substr(0, rule.find('_'));
  control.max_age = days(3);
  return control;
}

// A domain with nothing wrong: 100 days to go.
v1::DomainFacts domain() {
  v1::DomainFacts facts;
  facts.set_domain("example.org");
  facts.set_answer(v1::REGISTRY_ANSWER_REGISTERED);
  facts.set_registrar("Example Registrar Ltd.");
  *facts.mutable_expires() = to_proto(kNow + days(100));
  facts.add_statuses("clientTransferProhibited");
  facts.add_name_servers("ns1.example.net");
  facts.add_name_servers("ns2.example.net");
  return facts;
}

struct Judged {
  v1::Status status;
  std::string summary;
  Standing standing;
};

template <typename Facts>
Judged judge_one(const Control& control, const Facts& facts, TimePoint now = kNow) {
  SectionState section = observed(control.applies_to.kind, facts);
  section.entity = "example.org";
  const std::vector<SectionState> sections{section};
  const HostView target{
      .sections = sections, .name = "example.org", .kind = control.applies_to.kind};
  const Evaluation evaluation = evaluate(target, {}, {{control}}, now);
  return {.status = evaluation.verdicts.at(0).status(),
          .summary = evaluation.verdicts[0].summary(),
          .standing = evaluation.standings.at(0)};
}

struct Change {
  std::function<void(v1::DomainFacts&)> make;
  v1::Status status;
  std::string summary;
};

void expect_each(const Control& control, const std::vector<Change>& changes) {
  for (const Change& change : changes) {
    v1::DomainFacts facts = domain();
    change.make(facts);
    const auto verdict = judge_one(control, facts);
    EXPECT_EQ(verdict.status, change.status) << change.summary;
    EXPECT_THAT(verdict.summary, HasSubstr(change.summary));
  }
}

TEST(DomainRenewed, GoesByTheRegistryAndByHandWhereThatSaysNothing) {
  const auto ends_in = [](days left) {
    return [left](v1::DomainFacts& facts) { *facts.mutable_expires() = to_proto(kNow + left); };
  };
  const auto by_hand = [](days left) {
    return [left](v1::DomainFacts& facts) {
      facts.clear_expires();
      *facts.mutable_expires_by_hand() = to_proto(kNow + left);
    };
  };
  expect_each(
      control_for("domain_renewed"),
      {{ends_in(days(100)), v1::STATUS_PASS, "example.org ends on 2027-"},
       {ends_in(days(20)), v1::STATUS_DUE, "at Example Registrar Ltd.: renew it"},
       {ends_in(days(14)), v1::STATUS_FAIL, ": renew it"},
       {ends_in(days(-1)), v1::STATUS_FAIL, "example.org ended on"},
       {by_hand(days(100)), v1::STATUS_PASS, "(by hand: its registry publishes no date)"},
       {by_hand(days(20)), v1::STATUS_DUE, "by hand"},
       {by_hand(days(-1)), v1::STATUS_FAIL, "by hand"},
       {[](auto& facts) { facts.clear_expires(); }, v1::STATUS_UNKNOWN, "expires=2027-03-31"},
       // The registry's goes before the other, which is said to be wrong.
       {[](auto& facts) { *facts.mutable_expires_by_hand() = to_proto(kNow + days(500)); },
        v1::STATUS_PASS, "is wrong"},
       // A day is a day from the truth: it counts as if it were the one before.
       {[&](auto& facts) {
          *facts.mutable_expires() = to_proto(kNow + days(30) + hours(12));
          facts.set_expires_zone_unknown(true);
        },
        v1::STATUS_DUE, "or the day after"},
       {[](auto& facts) { facts.set_answer(v1::REGISTRY_ANSWER_FREE); }, v1::STATUS_NOT_APPLICABLE,
        "is not registered"},
       {[](auto& facts) {
          facts.set_answer(v1::REGISTRY_ANSWER_UNSUPPORTED);
          facts.clear_expires();
        },
        v1::STATUS_UNKNOWN, "neither RDAP nor WHOIS"},
       {[](auto& facts) {
          facts.set_answer(v1::REGISTRY_ANSWER_UNSUPPORTED);
          facts.clear_expires();
          *facts.mutable_expires_by_hand() = to_proto(kNow + days(100));
        },
        v1::STATUS_PASS, "by hand"},
       {[](auto& facts) { facts.set_answer(static_cast<v1::RegistryAnswer>(99)); },
        v1::STATUS_UNKNOWN, "newer than this collector"}});
}

TEST(DomainRenewed, ChangesByItselfWhenItIsDueAndFailsAtHalfTheTime) {
  Control control = control_for("domain_renewed");
  control.max_age = days(400);
  const auto passes = judge_one(control, domain());
  EXPECT_EQ(passes.standing.valid_until, kNow + days(70));
  const auto due = judge_one(control, domain(), kNow + days(70));
  EXPECT_EQ(due.status, v1::STATUS_DUE);
  EXPECT_EQ(due.standing.deadline, kNow + days(85));
  EXPECT_EQ(judge_one(control, domain(), kNow + days(85)).status, v1::STATUS_FAIL);
}

TEST(DomainInForce, FailsWhereTheDomainIsBeingLost) {
  const auto status = [](const char* text) {
    return [text](v1::DomainFacts& facts) { facts.add_statuses(text); };
  };
  expect_each(
      control_for("domain_in_force"),
      {{[](auto&) {}, v1::STATUS_PASS, "is registered and in force"},
       {status("clientHold"), v1::STATUS_FAIL, "on hold by its registrar"},
       {status("server hold"), v1::STATUS_FAIL, "on hold by its registry"},
       {status("redemptionPeriod"), v1::STATUS_FAIL, "can be had back"},
       {status("pendingDelete"), v1::STATUS_FAIL, "about to be deleted"},
       {status("pending transfer"), v1::STATUS_FAIL, "to another registrar"},
       {status("a status of its own"), v1::STATUS_PASS, "in force"},
       {[](auto& facts) { facts.clear_statuses(); }, v1::STATUS_PASS, "publishes no status"},
       {[](auto& facts) { facts.set_partial(true); }, v1::STATUS_UNKNOWN, "only a part"},
       {[](auto& facts) { facts.set_answer(v1::REGISTRY_ANSWER_FREE); }, v1::STATUS_FAIL,
        "anybody can register it"},
       {[](auto& facts) { facts.set_answer(v1::REGISTRY_ANSWER_RESERVED); }, v1::STATUS_FAIL,
        "gives it to nobody"},
       {[](auto& facts) { facts.set_answer(v1::REGISTRY_ANSWER_UNSUPPORTED); }, v1::STATUS_UNKNOWN,
        "neither RDAP nor WHOIS"}});
}

TEST(DomainLocked, IsUnknownWhereNoStatusIsPublished) {
  const auto statuses = [](std::vector<const char*> all) {
    return [all](v1::DomainFacts& facts) {
      facts.clear_statuses();
      for (const char* const one : all)
        facts.add_statuses(one);
    };
  };
  expect_each(control_for("domain_locked"),
              {{[](auto&) {}, v1::STATUS_PASS, "is locked against transfers"},
               {statuses({"serverTransferProhibited"}), v1::STATUS_PASS, "is locked"},
               {statuses({"ok", "transfer-locked"}), v1::STATUS_PASS, "is locked"},
               {statuses({"clientUpdateProhibited", "ok"}), v1::STATUS_FAIL, "is not locked"},
               {statuses({}), v1::STATUS_UNKNOWN, "does not say"},
               {[&](auto& facts) {
                  statuses({"ok"})(facts);
                  facts.set_partial(true);
                },
                v1::STATUS_UNKNOWN, "does not say"}});
}

TEST(DomainRegistrar, IsHeldToTheListOfThePolicy) {
  Control control = control_for("domain_registrar");
  expect_each(control, {{[](auto&) {}, v1::STATUS_NOT_APPLICABLE, "lists no registrars"}});
  control.parameters = {{"registrars", Globs{"other", "EXAMPLE registrar*"}}};
  expect_each(control,
              {{[](auto&) {}, v1::STATUS_PASS, "is at Example Registrar Ltd."},
               {[](auto& facts) { facts.set_registrar("Thief Inc."); }, v1::STATUS_FAIL,
                "is at Thief Inc., which the policy does not list"},
               {[](auto& facts) { facts.clear_registrar(); }, v1::STATUS_UNKNOWN, "does not say"}});
}

TEST(DomainDelegation, IsHeldToTheListOfThePolicy) {
  Control control = control_for("domain_delegation");
  expect_each(control, {{[](auto&) {}, v1::STATUS_NOT_APPLICABLE, "lists no name servers"}});
  control.parameters = {{"name_servers", Globs{"*.example.net"}}};
  expect_each(
      control,
      {{[](auto&) {}, v1::STATUS_PASS, "the policy's name servers"},
       {[](auto& facts) { facts.add_name_servers("ns.thief.example"); }, v1::STATUS_FAIL,
        "delegated to ns.thief.example"},
       {[](auto& facts) { facts.clear_name_servers(); }, v1::STATUS_UNKNOWN, "does not say"},
       {[](auto& facts) { facts.set_partial(true); }, v1::STATUS_UNKNOWN, "does not say"}});
}

// Unlike every other rule it says of old facts that they are old, rather than that nobody knows.
TEST(DomainKnown, FailsWhenTheRegistryHasNotAnsweredForDays) {
  const Control control = control_for("domain_known");
  SectionState section = observed("domain", domain());
  section.entity = "example.org";
  const auto judged = [&](TimePoint now) {
    const std::vector<SectionState> sections{section};
    const HostView target{.sections = sections, .name = "example.org", .kind = "domain"};
    return evaluate(target, {}, {{control}}, now);
  };
  EXPECT_EQ(judged(kNow + days(2)).standings[0].status, v1::STATUS_PASS);
  EXPECT_EQ(judged(kNow + days(2)).standings[0].valid_until, kNow + days(3));
  section.outcome = v1::OUTCOME_FAILED;
  section.reason = "rate-limited: rdap.example.net asked to be left alone";
  EXPECT_EQ(judged(kNow + days(2)).standings[0].status, v1::STATUS_PASS);
  const Evaluation old = judged(kNow + days(4));
  EXPECT_EQ(old.standings[0].status, v1::STATUS_FAIL);
  EXPECT_THAT(old.verdicts[0].summary(), ::testing::AllOf(HasSubstr("has not answered for 4 days"),
                                                          HasSubstr("rate-limited")));
  section.facts_type.clear();
  section.facts.clear();
  EXPECT_EQ(judged(kNow).standings[0].status, v1::STATUS_UNKNOWN);
  const HostView never{.sections = {}, .name = "example.org", .kind = "domain"};
  EXPECT_EQ(evaluate(never, {}, {{control}}, kNow).standings[0].status, v1::STATUS_UNKNOWN);
}

v1::LookalikeFacts lookalikes() {
  v1::LookalikeFacts facts;
  facts.set_domain("example.org");
  facts.set_tried(1000);
  facts.set_unanswered(100);
  return facts;
}

v1::Lookalike& add(v1::LookalikeFacts& facts, const char* name, int days_ago) {
  v1::Lookalike& one = *facts.add_registered();
  one.set_name(name);
  one.set_mail_ready(true);
  if (days_ago >= 0) *one.mutable_registered() = to_proto(kNow - days(days_ago));
  return one;
}

TEST(LookalikesWatched, FailsForWhatWasRegisteredLatelyByOthersAndCanTakeMail) {
  const Control control = control_for("lookalikes_watched");
  struct Case {
    std::function<void(v1::LookalikeFacts&)> make;
    v1::Status status;
    std::string summary;
  };
  for (const Case& c : std::vector<Case>{
           {[](auto&) {}, v1::STATUS_PASS, "none of 1000 names like it is registered"},
           {[](auto& facts) { add(facts, "exarnple.org", 5); }, v1::STATUS_FAIL,
            "exarnple.org was registered on"},
           {[](auto& facts) { add(facts, "exarnple.org", 90); }, v1::STATUS_PASS,
            "is registered since"},
           {[](auto& facts) { add(facts, "exarnple.org", -1); }, v1::STATUS_UNKNOWN,
            "nobody said since when"},
           {[](auto& facts) { add(facts, "exarnple.org", 5).set_mail_ready(false); },
            v1::STATUS_PASS, "takes no mail"},
           {[](auto& facts) { add(facts, "exarnple.org", 5).clear_mail_ready(); },
            v1::STATUS_UNKNOWN, "may be able to take mail"},
           {[](auto& facts) {
              v1::Lookalike& own = add(facts, "example.net", 5);
              own.set_owned(true);
              own.set_owned_because("listed by the target");
            },
            v1::STATUS_PASS, "is the house's own: listed by the target"},
           {[](auto& facts) {
              add(facts, "a.org", 5);
              add(facts, "xn--b-a.org", 6).set_shown("ä.org");
            },
            v1::STATUS_FAIL, "2 names were registered lately and can take mail"},
           {[](auto& facts) { facts.set_unanswered(101); }, v1::STATUS_UNKNOWN,
            "of 1000 names that were looked for, 101 had no answer"},
           {[](auto& facts) { facts.set_tried(0); }, v1::STATUS_UNKNOWN, "of 0 names"},
           {[](auto& facts) { facts.set_registered_omitted(3); }, v1::STATUS_UNKNOWN,
            "3 more registered names"}}) {
    v1::LookalikeFacts facts = lookalikes();
    c.make(facts);
    const auto verdict = judge_one(control, facts);
    EXPECT_EQ(verdict.status, c.status) << c.summary;
    EXPECT_THAT(verdict.summary, HasSubstr(c.summary));
  }
}

TEST(LookalikesWatched, IsNoNewsAfterAWhileByItself) {
  Control control = control_for("lookalikes_watched");
  control.max_age = days(365);
  v1::LookalikeFacts facts = lookalikes();
  add(facts, "exarnple.org", 5);
  EXPECT_EQ(judge_one(control, facts).standing.valid_until, kNow + days(85));
  EXPECT_EQ(judge_one(control, facts, kNow + days(85)).status, v1::STATUS_PASS);
}

}  // namespace
}  // namespace muster::policy
