// system_supported.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "common/policy/rules.h"
#include "tests/common/policy/judging.h"
#include "tests/common/policy/restart.h"

namespace muster::policy {
namespace {

using namespace muster::testing;  // the words of the tests
using ::testing::ElementsAre;

constexpr auto kIncluded = v1::SUPPORT_COVERAGE_INCLUDED;
constexpr auto kEnabled = v1::SUPPORT_COVERAGE_ENABLED;
constexpr auto kNotEnabled = v1::SUPPORT_COVERAGE_NOT_ENABLED;
constexpr auto kNotTold = v1::SUPPORT_COVERAGE_UNSPECIFIED;

struct Period {
  std::string programme;
  Duration left;
  v1::SupportCoverage coverage;
};

v1::LifecycleFacts facts_with(const std::vector<Period>& periods) {
  v1::LifecycleFacts facts;
  facts.set_os_pretty_name("Debian 12");
  for (const Period& period : periods)
    add_period(facts, period.programme, kNow + period.left, period.coverage);
  return facts;
}

v1::Verdict judge_support(const v1::LifecycleFacts& facts) {
  return judge(control_of("system_supported"), {observed("lifecycle", facts)});
}

TEST(SystemSupported, CountsTheProgrammeThatLastsLongestOfThoseThatTheHostGets) {
  struct Story {
    std::string name;
    std::vector<Period> periods;
    std::string line;
  };
  const std::vector<Story> stories = {
      {"in its standard support",
       {{"standard", days(400), kIncluded}},
       "distribution | pass | Debian 12 is supported until 2027-12-26 (standard)"},
      {"the standard one has ended, LTS goes on",
       {{"standard", -days(100), kIncluded}, {"lts", days(400), kIncluded}},
       "distribution | pass | Debian 12 is supported until 2027-12-26 (lts)"},
      {"subscribed",
       {{"standard", -days(100), kIncluded}, {"esm", days(400), kEnabled}},
       "distribution | pass | Debian 12 is supported until 2027-12-26 (esm)"},
      {"the end is near",
       {{"standard", days(90), kIncluded}},
       "distribution | due | support of Debian 12 ends on 2027-02-19 (standard)"},
      {"not near yet",
       {{"standard", days(90) + kMicrosecond, kIncluded}},
       "distribution | pass | Debian 12 is supported until 2027-02-19 (standard)"},
      {"it has ended this moment",
       {{"standard", Duration(0), kIncluded}},
       "distribution | fail | support of Debian 12 ended on 2026-11-21 (standard)"},
      {"more could be had",
       {{"standard", -days(20), kIncluded}, {"esm", days(400), kNotEnabled}},
       "distribution | fail | support of Debian 12 ended on 2026-11-01 (standard); support until "
       "2027-12-26 (esm) is not enabled"},
      {"nobody knows whether it has more",
       {{"standard", -days(20), kIncluded}, {"esm", days(400), kNotTold}},
       "distribution | unknown | support of Debian 12 ended on 2026-11-01 (standard); whether it "
       "gets support until 2027-12-26 (esm) could not be told"},
      {"what nobody knows would not help",
       {{"standard", -days(20), kIncluded}, {"esm", -days(10), kNotTold}},
       "distribution | fail | support of Debian 12 ended on 2026-11-01 (standard)"},
      {"only what it does not get",
       {{"esm", days(400), kNotEnabled}},
       "distribution | fail | Debian 12 has no support; support until 2027-12-26 (esm) is not "
       "enabled"},
      {"nobody knows anything",
       {},
       "distribution | unknown | until when Debian 12 is supported is not known"},
  };
  for (const Story& story : stories) {
    EXPECT_THAT(lines(judge_support(facts_with(story.periods))), ElementsAre(story.line))
        << story.name;
  }
}

TEST(SystemSupported, IsDueUntilTheEndItself) {
  const v1::Verdict verdict = judge_support(facts_with({{"standard", days(30), kIncluded}}));
  EXPECT_EQ(from_proto(verdict.deadline()), kNow + days(30));
  Control control = control_of("system_supported");
  control.parameters = {{"warn_before", Duration(days(7))}};
  const std::vector<SectionState> sections{
      observed("lifecycle", facts_with({{"standard", days(30), kIncluded}}))};
  const Evaluation later = evaluate({.sections = sections}, {}, {{control}}, kNow);
  EXPECT_EQ(later.standings[0].status, v1::STATUS_PASS);
}

TEST(SystemSupported, JudgesAKernelWithAnEndOfItsOwnByItself) {
  v1::LifecycleFacts facts = facts_with({{"standard", days(400), kIncluded}});
  add_period(facts, "standard", kNow - days(1), kIncluded, "generic-hwe-22.04");
  EXPECT_THAT(lines(judge_support(facts)),
              ElementsAre("generic-hwe-22.04 | fail | support of the kernel generic-hwe-22.04 "
                          "ended on 2026-11-20 (standard)",
                          "distribution | pass | Debian 12 is supported until 2027-12-26 "
                          "(standard)"));
}

TEST(SystemSupported, TellsARollingReleaseFromOneThatNobodyKnows) {
  v1::LifecycleFacts facts;
  facts.set_os_pretty_name("Debian GNU/Linux trixie/sid");
  facts.set_rolling(true);
  EXPECT_THAT(lines(judge_support(facts)),
              ElementsAre("distribution | pass | Debian GNU/Linux trixie/sid has no end: it is "
                          "supported while it is updated"));
  facts.set_rolling(false);
  facts.set_unknown_because("os-release names \"haiku\", which no table knows");
  EXPECT_THAT(lines(judge_support(facts)),
              ElementsAre("distribution | unknown | os-release names \"haiku\", which no table "
                          "knows"));
  EXPECT_EQ(judge(control_of("system_supported"), {}).summary(),
            "the probe lifecycle has not reported yet");
}

}  // namespace
}  // namespace muster::policy
