#include "collector/policy_words/policy_words.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <utility>

#include "collector/policy_words/rule_words.h"
#include "common/policy/rules.h"
#include "common/timestamp.h"

namespace muster::collector {
namespace {

using std::chrono::days;
using std::chrono::hours;
using testing::ElementsAre;

policy::Policy with_groups() {
  policy::Policy policy;
  policy.groups = {{.name = "dmz"}, {.name = "mail"}};
  return policy;
}

TEST(SelectorWords, SayWhatAllMustMatch) {
  struct Case {
    policy::Selector selector;
    std::string words;
  };
  const Case cases[] = {
      {{}, "every host"},
      {{.hosts = {"web*", "db1"}}, "hosts web* or db1"},
      {{.labels = {{"role", {"web", "mail"}}}}, "hosts with the label role=web or role=mail"},
      {{.groups = {0, 1}}, "hosts in the group dmz or mail"},
      {{.os = {"debian:12"}}, "hosts with the system debian:12"},
      {{.hosts = {"web*"}, .labels = {{"site", {"fra"}}}, .except = {{.hosts = {"web9"}}}},
       "hosts web*, with the label site=fra, not (hosts web9)"},
      {{.except = {{.groups = {1}}}}, "hosts not (hosts in the group mail)"},
      {{.kind = "tcp"}, "every tcp target"},
      {{.kind = "target"}, "every target"},
      {{.kind = ""}, "every host and target"},
      {{.kind = "tcp", .hosts = {"shop"}}, "tcp targets shop"},
      {{.kind = "", .labels = {{"role", {"web"}}}}, "hosts and targets with the label role=web"},
  };
  for (const Case& c : cases)
    EXPECT_EQ(selector_words(with_groups(), c.selector), c.words);
}

TEST(DeadlinesWords, SayOneTimeOrOneForEachSeverity) {
  EXPECT_EQ(deadlines_words({}), "none");
  EXPECT_EQ(deadlines_words(policy::Deadlines::all(days(14))), "14d");
  EXPECT_EQ(deadlines_words({.low = days(90), .medium = days(30), .high = days(7), .critical = {}}),
            "critical 0s, high 7d, medium 30d, low 90d");
}

TEST(DescribeControl, TellsEveryParameterAndWhichAreTheUsual) {
  const policy::Policy policy = with_groups();
  const v1::ControlDescription renewal = describe_control(
      policy, {.id = "renewal",
               .title = "Renewed",
               .rule = "certificate_renewal",
               .max_age = hours(12),
               .parameters = {{"renew_before", policy::ParameterValue(Duration(days(20)))}},
               .frameworks = {{"nist-800-53", {"SC-17"}}}});
  std::vector<std::string> told;
  for (const v1::PolicyParameter& parameter : renewal.parameters())
    told.push_back(parameter.name() + "=" + parameter.value() +
                   (parameter.is_usual() ? " usual" : ""));
  EXPECT_THAT(told, ElementsAre("renew_before=20d", "last_fraction=0.333333 usual", "max_age=12h"));
  EXPECT_EQ(renewal.applies_to(), "every host");
  EXPECT_EQ(renewal.frameworks(0).ids(0), "SC-17");
  const v1::ControlDescription updates =
      describe_control(policy, {.id = "updates",
                                .title = "In",
                                .rule = "security_updates",
                                .deadlines = policy::Deadlines::all(days(14))});
  EXPECT_EQ(updates.parameters(0).name(), "deadline");
  EXPECT_EQ(updates.parameters(0).value(), "14d");
}

TEST(DescribeControl, WritesWhatIsTrueOrFalseAsAFileDoes) {
  const auto required = [](policy::Parameters parameters) {
    return describe_control(with_groups(), {.id = "signed",
                                            .title = "Signed",
                                            .rule = "zone_signed",
                                            .parameters = std::move(parameters)})
        .parameters(0);
  };
  EXPECT_EQ(required({}).value(), "false");
  EXPECT_TRUE(required({}).is_usual());
  EXPECT_EQ(required({{"required", int64_t{1}}}).value(), "true");
}

TEST(RuleWords, AreThereForEveryRule) {
  for (const policy::Rule& rule : policy::all_rules()) {
    EXPECT_FALSE(words_of_rule(rule.name).asks.empty()) << rule.name;
    EXPECT_FALSE(words_of_rule(rule.name).remedy.empty()) << rule.name;
  }
  EXPECT_TRUE(words_of_rule("nonsense").asks.empty());
}

}  // namespace
}  // namespace muster::collector
