// docs/policy.md: its example is a policy, and it names what there is; the built-in policy in a
// terminal.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "common/files.h"
#include "common/policy/policy_file.h"
#include "common/policy/rules.h"

namespace muster::policy {
namespace {

using ::testing::HasSubstr;

std::string page() {
  const absl::StatusOr<std::string> text =
      read_file(MUSTER_SOURCE_DIRECTORY "/docs/policy.md", size_t{1} << 20);
  EXPECT_TRUE(text.ok()) << text.status();
  return text.value_or("");
}

// The blocks of YAML in it, which are the files of one policy.
std::vector<PolicyText> example() {
  constexpr std::string_view kBegin = "```yaml\n";
  const std::string text = page();
  std::vector<PolicyText> files;
  for (size_t begin = text.find(kBegin); begin != std::string::npos;
       begin = text.find(kBegin, begin)) {
    begin += kBegin.size();
    files.push_back({.name = "example " + std::to_string(files.size() + 1),
                     .text = text.substr(begin, text.find("```", begin) - begin)});
  }
  return files;
}

TEST(PolicyPage, HasAnExampleThatIsAPolicy) {
  const absl::StatusOr<Policy> policy = parse_policy(example());
  ASSERT_TRUE(policy.ok()) << policy.status();
  EXPECT_EQ(policy->groups.size(), 2U);
  EXPECT_EQ(policy->owners.size(), 2U);
  EXPECT_EQ(policy->controls.size(), 6U);
  EXPECT_EQ(policy->waivers.size(), 1U);
  EXPECT_EQ(policy->maintenance.size(), 2U);
  EXPECT_EQ(policy->dates.size(), 1U);
}

TEST(PolicyPage, HasARowForEveryControlOfTheBuiltInPolicy) {
  const std::string text = page();
  for (const Control& control : default_policy().controls) {
    EXPECT_THAT(text, HasSubstr("\n| `" + control.id + "` | `" + control.rule + "` | " +
                                std::string(severity_name(control.severity)) + " |\n"));
  }
}

// A table of verdicts shows it beside its status and severity, in 80 columns.
TEST(DefaultPolicy, HasTitlesThatFitALine) {
  constexpr size_t kForBoth = 80 - 11 - 4;
  for (const Control& control : default_policy().controls) {
    EXPECT_LE(control.title.size() + severity_name(control.severity).size(), kForBoth)
        << control.title;
  }
}

TEST(PolicyPage, HasARowForEveryRuleWithItsParameters) {
  const std::string text = page();
  for (const Rule& rule : all_rules()) {
    const std::string begin = "\n| `" + std::string(rule.name) + "` | ";
    const size_t at = text.find(begin);
    ASSERT_NE(at, std::string::npos) << rule.name;
    const std::string row = text.substr(at + 1, text.find('\n', at + 1) - at - 1);
    for (const Parameter& parameter : rule.parameters)
      EXPECT_THAT(row, HasSubstr("`" + std::string(parameter.name) + ": "));
    EXPECT_TRUE(row.ends_with(rule.has_deadline ? " | yes |" : " | no |")) << row;
  }
}

}  // namespace
}  // namespace muster::policy
