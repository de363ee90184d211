// The rules that judge targets.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "common/policy/rules.h"
#include "muster/v1/tcp_facts.pb.h"
#include "tests/common/policy/judging.h"

namespace muster::policy {
namespace {

using namespace muster::testing;  // the words of the tests
using std::chrono::minutes;
using std::chrono::seconds;

Control tcp_control() {
  Control control = control_of("tcp_answers");
  control.applies_to.kind = "tcp";
  control.max_age = minutes(15);
  return control;
}

// A look at the target "shop".
SectionState looked(v1::TcpAnswer answer, std::vector<std::string> attempts = {},
                    std::optional<double> took = std::nullopt) {
  v1::TcpFacts facts;
  facts.set_address("shop.example.org:443");
  facts.set_answer(answer);
  for (std::string& attempt : attempts)
    facts.add_attempts(std::move(attempt));
  SectionState section = observed("tcp", facts);
  section.entity = "shop";
  if (took) {
    v1::Measurement& measurement = section.measurements.emplace_back();
    measurement.set_name("connect_duration_seconds");
    measurement.set_value(*took);
  }
  return section;
}

Evaluation evaluate_target(const Control& control, const std::vector<SectionState>& sections,
                           TimePoint now = kNow) {
  const HostView target{.sections = sections, .name = "shop", .kind = "tcp"};
  return evaluate(target, {}, {{control}}, now);
}

TEST(TcpAnswers, PassesWhereAConnectionIsMadeAndFailsWithWhatWasTriedWhereNot) {
  struct Case {
    SectionState section;
    v1::Status status;
    std::string summary;
  };
  const std::string shop = "shop.example.org:443: ";
  const std::vector<Case> cases = {
      {looked(v1::TCP_ANSWER_CONNECTED, {}, 0.0123), v1::STATUS_PASS, "it answers, in 12.3 ms"},
      {looked(v1::TCP_ANSWER_CONNECTED, {}, 1.5), v1::STATUS_PASS, "it answers, in 1.5 s"},
      {looked(v1::TCP_ANSWER_CONNECTED), v1::STATUS_PASS, "it answers"},
      {looked(v1::TCP_ANSWER_REFUSED, {"192.0.2.7:443 refused", "[2001:db8::7]:443 timed out"}),
       v1::STATUS_FAIL,
       shop + "the connection is refused (192.0.2.7:443 refused, [2001:db8::7]:443 timed out)"},
      {looked(v1::TCP_ANSWER_TIMED_OUT, {"192.0.2.7:443 timed out"}), v1::STATUS_FAIL,
       shop + "nothing answers within the target's time-out (192.0.2.7:443 timed out)"},
      {looked(v1::TCP_ANSWER_UNREACHABLE, {"192.0.2.7:443 unreachable"}), v1::STATUS_FAIL,
       shop + "the network says that there is no way to it (192.0.2.7:443 unreachable)"},
      {looked(v1::TCP_ANSWER_NO_SUCH_NAME), v1::STATUS_FAIL,
       shop + "there is no such name, or none with an address"},
      {looked(v1::TCP_ANSWER_UNSPECIFIED), v1::STATUS_UNKNOWN,
       "the look ended in a way newer than this collector"},
      {looked(static_cast<v1::TcpAnswer>(99)), v1::STATUS_UNKNOWN,
       "the look ended in a way newer than this collector"},
  };
  for (const Case& c : cases) {
    const Evaluation evaluation = evaluate_target(tcp_control(), {c.section});
    EXPECT_EQ(evaluation.verdicts.at(0).status(), c.status) << c.summary;
    EXPECT_EQ(evaluation.verdicts[0].summary(), c.summary);
    EXPECT_EQ(evaluation.standings[0].valid_until, kNow + minutes(15));
    EXPECT_EQ(evaluation.verdicts[0].subjects(0).evidence(0).probe(), "tcp");
    EXPECT_EQ(from_proto(evaluation.verdicts[0].subjects(0).evidence(0).observed_at()), kNow);
  }
}

TEST(TcpAnswers, NamesAFewOfManyAttempts) {
  const SectionState section =
      looked(v1::TCP_ANSWER_REFUSED, {"a", "b", "c", "d", "e", "f\n", std::string(500, 'g')});
  EXPECT_EQ(evaluate_target(tcp_control(), {section}).verdicts.at(0).summary(),
            "shop.example.org:443: the connection is refused (a, b, c, d, e and 2 more)");
}

TEST(TcpAnswers, MustBeInTimeWhereTheControlSaysWithin) {
  Control control = tcp_control();
  control.parameters = {{"within", Duration(seconds(1))}};
  struct Case {
    std::optional<double> took;
    v1::Status status;
    std::string summary;
  };
  for (const Case& c :
       {Case{1.0, v1::STATUS_PASS, "it answers in 1 s, and should within 1 s"},
        {1.25, v1::STATUS_FAIL, "it answers only in 1.25 s, and should within 1 s"},
        {std::nullopt, v1::STATUS_UNKNOWN, "it answers; how long that took was not measured"}}) {
    const Evaluation evaluation =
        evaluate_target(control, {looked(v1::TCP_ANSWER_CONNECTED, {}, c.took)});
    EXPECT_EQ(evaluation.verdicts.at(0).status(), c.status);
    EXPECT_EQ(evaluation.verdicts[0].summary(), c.summary);
    // A measurement moves without anybody being told.
    if (c.took) {
      EXPECT_EQ(evaluation.standings[0].valid_until, kNow + minutes(1));
    }
  }
}

TEST(TcpAnswers, MayHaveADeadlineBeforeItFails) {
  Control control = tcp_control();
  control.deadlines = Deadlines::all(minutes(5));
  const Evaluation evaluation = evaluate_target(control, {looked(v1::TCP_ANSWER_REFUSED)});
  EXPECT_EQ(evaluation.standings[0].status, v1::STATUS_DUE);
  EXPECT_EQ(evaluation.standings[0].deadline, kNow + minutes(5));
}

TEST(TcpAnswers, IsUnknownWhereNobodyLookedOrCouldLook) {
  const auto only = [](const SectionState& section, TimePoint now = kNow) {
    return evaluate_target(tcp_control(), {section}, now).verdicts.at(0);
  };
  const v1::Verdict never = evaluate_target(tcp_control(), {}).verdicts.at(0);
  EXPECT_EQ(never.status(), v1::STATUS_UNKNOWN);
  EXPECT_EQ(never.summary(), "nobody has looked at it yet");
  const std::string refusal = "targets.allow of this agent does not list 192.0.2.7:443";
  EXPECT_EQ(only(failed(without_facts("tcp"), refusal)).summary(),
            "the probe tcp could not look: " + refusal);
  EXPECT_EQ(only(failed(without_facts("tcp"), refusal)).status(), v1::STATUS_UNKNOWN);
  // What was seen before counts for as long as the control lets it.
  const SectionState seen = failed(looked(v1::TCP_ANSWER_CONNECTED), refusal);
  EXPECT_EQ(only(seen).status(), v1::STATUS_PASS);
  EXPECT_EQ(only(seen, kNow + minutes(15)).status(), v1::STATUS_UNKNOWN);
  EXPECT_EQ(only(seen, kNow + minutes(15)).summary(),
            "the facts of the probe tcp are too old, last seen 2026-11-21T12:00:00Z; the last look "
            "failed: " +
                refusal);
  SectionState damaged = looked(v1::TCP_ANSWER_CONNECTED);
  damaged.facts = "\xff";
  EXPECT_EQ(only(damaged).summary(), "the facts of the probe tcp are damaged");
}

// A target has no verdict of what is for hosts, nor a host of what is for targets; standings stay
// one a control.
TEST(Targets, AreJudgedByTheControlsOfTheirKindAlone) {
  Control of_targets = control_of("waivers_current");
  of_targets.id = "waivers";
  of_targets.applies_to.kind = "target";
  Control of_hosts = control_of("agent_sees_all");
  of_hosts.id = "h";
  Control elsewhere = tcp_control();
  elsewhere.id = "elsewhere";
  elsewhere.applies_to.hosts = {"other*"};
  const Policy policy{.controls = {of_hosts, tcp_control(), of_targets, elsewhere}};
  const std::vector<SectionState> sections{looked(v1::TCP_ANSWER_CONNECTED)};
  const HostView target{.sections = sections, .name = "shop", .kind = "tcp"};
  const Evaluation of_target = evaluate(target, {}, policy, kNow);
  ASSERT_EQ(of_target.verdicts.size(), 3U);
  ASSERT_EQ(of_target.standings.size(), 4U);
  EXPECT_EQ(of_target.find_verdict("h"), nullptr);
  EXPECT_EQ(of_target.find_verdict("c")->status(), v1::STATUS_PASS);
  EXPECT_EQ(of_target.find_verdict("waivers")->summary(), "no waiver covers this target");
  EXPECT_EQ(of_target.find_verdict("elsewhere")->summary(),
            "the policy does not require it of this target");
  const Evaluation of_host = evaluate({.name = "shop"}, {}, policy, kNow);
  ASSERT_EQ(of_host.verdicts.size(), 1U);
  ASSERT_EQ(of_host.standings.size(), 4U);
  EXPECT_EQ(of_host.verdicts[0].control(), "h");
  EXPECT_EQ(of_host.standings[1].status, v1::STATUS_NOT_APPLICABLE);
}

TEST(Targets, HaveWaiversOfTheirControls) {
  Waiver waiver{.id = "move", .control = "c", .reason = "it moves", .approved_by = "Ada"};
  waiver.match.kind = "tcp";
  waiver.starts = kNow;
  waiver.ends = kNow + days(1);
  const Policy policy{.controls = {tcp_control()}, .waivers = {waiver}};
  const std::vector<SectionState> sections{looked(v1::TCP_ANSWER_REFUSED)};
  const HostView target{.sections = sections, .name = "shop", .kind = "tcp"};
  EXPECT_EQ(evaluate(target, {}, policy, kNow).standings[0].status, v1::STATUS_WAIVED);
}

}  // namespace
}  // namespace muster::policy
