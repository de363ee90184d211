#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "common/policy/rules.h"
#include "muster/v1/agent_facts.pb.h"
#include "tests/common/policy/judging.h"

namespace muster::policy {
namespace {

using namespace muster::testing;  // the words of the tests

TEST(HostReporting, IsUnknownForAHostThatNeverReportedAndFailsWhenItShouldHave) {
  const Policy policy{{control_of("host_reporting")}};
  const auto judge = [&policy](Duration since_enrolled) {
    return evaluate({.enrolled_at = kNow - since_enrolled}, {}, policy, kNow).verdicts.at(0);
  };
  EXPECT_EQ(judge(std::chrono::minutes(3)).status(), v1::STATUS_UNKNOWN);
  EXPECT_EQ(judge(std::chrono::minutes(3)).summary(),
            "it was enrolled 3 minutes ago and has never reported");
  EXPECT_EQ(judge(std::chrono::minutes(15)).status(), v1::STATUS_FAIL);
}

TEST(HostReporting, FailsWhereTheHostIsSilent) {
  struct Case {
    std::optional<Duration> silence;
    v1::Status status;
    std::string summary;
  };
  const std::vector<Case> cases = {
      {std::nullopt, v1::STATUS_NOT_APPLICABLE, "it does not report to a collector"},
      {Duration(0), v1::STATUS_PASS, "it reports"},
      {std::chrono::minutes(15) - kMicrosecond, v1::STATUS_PASS, "it reports"},
      {std::chrono::minutes(15), v1::STATUS_FAIL, "it has not reported for 15 minutes"},
      {hours(3) + kMicrosecond, v1::STATUS_FAIL, "it has not reported for 3 hours"},
  };
  for (const Case& c : cases) {
    HostView host;
    if (c.silence) host.last_sync = kNow - *c.silence;
    const Evaluation evaluation = evaluate(host, {}, {{control_of("host_reporting")}}, kNow);
    EXPECT_EQ(evaluation.verdicts[0].status(), c.status);
    EXPECT_EQ(evaluation.verdicts[0].summary(), c.summary);
  }
}

// An agent whose probes lack these parts of their sandbox.
v1::AgentFacts agent_without(const std::vector<std::string>& missing) {
  v1::AgentFacts facts;
  for (const char* mechanism : {"user", "capabilities", "seccomp", "landlock"})
    facts.mutable_sandbox()->add_mechanisms(mechanism);
  for (const std::string& mechanism : missing) {
    v1::SandboxGap& gap = *facts.mutable_sandbox()->add_missing();
    gap.set_mechanism(mechanism);
    gap.set_reason("landlock_create_ruleset: Function not implemented");
  }
  return facts;
}

TEST(AgentSandboxed, EachMissingPartIsASubjectThatFails) {
  const Control control = control_of("agent_sandboxed");
  EXPECT_EQ(judge(control, {observed("agent", agent_without({}))}).status(), v1::STATUS_PASS);
  const v1::Verdict verdict =
      judge(control, {observed("agent", agent_without({"user", "landlock"}))});
  EXPECT_EQ(verdict.status(), v1::STATUS_FAIL);
  ASSERT_EQ(verdict.subjects_size(), 2);
  EXPECT_EQ(verdict.subjects(0).subject(), "landlock");
  EXPECT_EQ(verdict.subjects(0).reason(),
            "probes run without it: landlock_create_ruleset: Function not implemented");
}

TEST(AgentSandboxed, IsUnknownOfAnAgentThatDoesNotTellAndDoesNotApplyWithoutOne) {
  const Control control = control_of("agent_sandboxed");
  const v1::Verdict verdict = judge(control, {observed("agent", v1::AgentFacts())});
  EXPECT_EQ(verdict.status(), v1::STATUS_UNKNOWN);
  EXPECT_THAT(verdict.summary(), ::testing::StartsWith("the agent does not tell what holds"));
  EXPECT_EQ(judge(control, {}).status(), v1::STATUS_NOT_APPLICABLE);
  EXPECT_EQ(judge(control, {observed("agent", agent_without({}))}, {}, kNow + days(2)).status(),
            v1::STATUS_UNKNOWN);
}

TEST(AgentSeesAll, IsUnknownWithoutRootAndNamesWhatIsNotSeen) {
  const Control control = control_of("agent_sees_all");
  v1::AgentFacts facts;
  const v1::Verdict blind = judge(control, {observed("agent", facts)});
  EXPECT_EQ(blind.status(), v1::STATUS_UNKNOWN);
  EXPECT_EQ(blind.summary(),
            "it does not run as root: the serial number of the machine, and certificates in "
            "private directories, are not seen");
  facts.set_runs_as_root(true);
  EXPECT_EQ(judge(control, {observed("agent", facts)}).status(), v1::STATUS_PASS);
  EXPECT_EQ(judge(control, {}).status(), v1::STATUS_NOT_APPLICABLE);
}

TEST(Freshness, TellsWhyFactsCannotBeJudged) {
  struct Case {
    std::vector<SectionState> sections;
    v1::Status status;
    std::string summary;
  };
  v1::CertificateFacts facts;
  add_certificate(add_file(facts, "/a"), "a", kNow - days(90), kNow + days(200));
  SectionState newer = observed("certificates", facts);
  newer.facts_type = "muster.v9.CertificateFacts";
  SectionState damaged = observed("certificates", facts);
  damaged.facts = "\xff\xff";
  SectionState of_target = observed("certificates", facts);
  of_target.entity = "www.example.org:443";
  const SectionState never = without_facts("certificates");
  const std::vector<Case> cases = {
      {{}, v1::STATUS_UNKNOWN, "the probe certificates has not reported yet"},
      {{of_target}, v1::STATUS_UNKNOWN, "the probe certificates has not reported yet"},
      {{never}, v1::STATUS_UNKNOWN, "the probe certificates gave no facts"},
      {{failed(never, "killed after 30s")},
       v1::STATUS_UNKNOWN,
       "the probe certificates could not look: killed after 30s"},
      {{not_applicable("certificates", "no files here", kNow - hours(24) + kMicrosecond)},
       v1::STATUS_NOT_APPLICABLE,
       "no files here"},
      {{not_applicable("certificates", "no files here", kNow - hours(24))},
       v1::STATUS_UNKNOWN,
       "the facts of the probe certificates are too old, last seen 2026-11-20T12:00:00Z"},
      {{observed("certificates", facts, kNow - hours(24))},
       v1::STATUS_UNKNOWN,
       "the facts of the probe certificates are too old, last seen 2026-11-20T12:00:00Z"},
      {{failed(observed("certificates", facts, kNow - hours(24)), "killed after 30s")},
       v1::STATUS_UNKNOWN,
       "the facts of the probe certificates are too old, last seen 2026-11-20T12:00:00Z; the last "
       "look failed: killed after 30s"},
      {{newer},
       v1::STATUS_UNKNOWN,
       "the facts are of a type newer than this collector (muster.v9.CertificateFacts)"},
      {{damaged}, v1::STATUS_UNKNOWN, "the facts of the probe certificates are damaged"},
      {{failed(observed("certificates", facts, kNow - hours(24) + kMicrosecond), "killed")},
       v1::STATUS_PASS,
       "1 certificate is valid until 2027-06-09"},
      {{observed("certificates", facts, kNow + days(400))},
       v1::STATUS_PASS,
       "1 certificate is valid until 2027-06-09"},
  };
  for (const Case& c : cases) {
    const v1::Verdict verdict = judge(control_of("certificate_not_expired"), c.sections);
    EXPECT_EQ(verdict.status(), c.status);
    EXPECT_EQ(verdict.summary(), c.summary);
  }
}

TEST(Rules, HaveOneNameEachAndParametersThatThePolicyFileKnows) {
  for (const Rule& rule : all_rules()) {
    EXPECT_EQ(find_rule(rule.name), &rule);
    EXPECT_NE(rule.judge, nullptr);
  }
  EXPECT_EQ(find_rule("no_such_rule"), nullptr);
  EXPECT_EQ(judge(control_of("no_such_rule"), {}).summary(), "there is no rule 'no_such_rule'");
}

}  // namespace
}  // namespace muster::policy
