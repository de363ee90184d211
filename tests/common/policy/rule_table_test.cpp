// The one table of rules, the files of rules and their tests belong together; and every parameter
// that the table has is held to its bounds by the reader of policies.
#include <fmt/format.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <variant>

#include "common/policy/flag_parameter.h"
#include "common/policy/policy_file.h"
#include "common/policy/rules.h"

namespace muster::policy {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

const fs::path source = MUSTER_SOURCE_DIRECTORY;

std::string text_of(const fs::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(RuleTable, HasEveryRuleOfTheFolderAndNoOther) {
  std::set<std::string> rows;
  for (const Rule& rule : all_rules()) {
    const std::string name(rule.name);
    EXPECT_TRUE(rows.insert(name).second) << "twice: " << name;
    EXPECT_THAT(text_of(source / "common/policy/rules" / (name + ".cpp")),
                HasSubstr("RuleOutput judge_" + name + "(const RuleInput& input) {"))
        << "a rule has a file of its name";
  }
  for (const fs::directory_entry& entry : fs::directory_iterator(source / "common/policy/rules")) {
    const std::string name = entry.path().stem().string();
    const bool is_rule =
        text_of(entry.path()).find("RuleOutput judge_" + name + "(const") != std::string::npos;
    if (entry.path().extension() == ".cpp" && is_rule) {
      EXPECT_TRUE(rows.contains(name)) << entry.path() << " has no row in rules.cpp";
    }
  }
}

// One that judges by it literally; policies over every rule prove nothing of one.
TEST(RuleTable, EveryRuleHasATestOfItsOwn) {
  std::string tests;
  for (const fs::directory_entry& entry : fs::directory_iterator(source / "tests/common/policy")) {
    const std::string name = entry.path().filename().string();
    if (name.ends_with("_test.cpp") && name != "rule_table_test.cpp")
      tests += text_of(entry.path());
  }
  for (const Rule& rule : all_rules())
    EXPECT_THAT(tests, HasSubstr(fmt::format("(\"{}\")", rule.name)));
}

TEST(RuleTable, TheUsualValueOfEachParameterIsWithinItsBounds) {
  for (const Rule& rule : all_rules()) {
    for (const Parameter& parameter : rule.parameters) {
      EXPECT_EQ(parameter.usual.index(), parameter.low.index()) << parameter.name;
      EXPECT_EQ(parameter.usual.index(), parameter.high.index()) << parameter.name;
      EXPECT_LE(parameter.low, parameter.usual) << parameter.name;
      EXPECT_LE(parameter.usual, parameter.high) << parameter.name;
    }
  }
}

absl::Status reading(const Rule& rule, std::string_view parameter, const std::string& value) {
  return parse_policy(
             fmt::format("controls:\n  - {{id: c, title: T, rule: {}, {}: {}, "
                         "applies_to: {{kind: {}}}}}\n",
                         rule.name, parameter, value, rule.kind.empty() ? kHostKind : rule.kind),
             "p.yml")
      .status();
}

// As it is written in a file; by this much more than it is, in its smallest unit.
std::string written(const Parameter& parameter, const ParameterValue& value, int64_t more) {
  if (is_flag(parameter)) {
    if (more != 0) return "2";
    return std::get<int64_t>(value) == 1 ? "true" : "false";
  }
  if (const auto* const duration = std::get_if<Duration>(&value)) {
    return fmt::format("{}s", std::chrono::floor<std::chrono::seconds>(*duration).count() + more);
  }
  if (const auto* const fraction = std::get_if<double>(&value)) {
    return fmt::format("{}", *fraction + 0.01 * static_cast<double>(more));
  }
  if (std::holds_alternative<Globs>(value)) {
    return more == 0 ? "[a, '*']" : fmt::format("['{}']", std::string(more > 0 ? 201 : 0, 'a'));
  }
  return fmt::format("{}", std::get<int64_t>(value) + more);
}

TEST(RuleTable, TheReaderHoldsEveryParameterToItsBounds) {
  for (const Rule& rule : all_rules()) {
    for (const Parameter& parameter : rule.parameters) {
      for (const ParameterValue& bound : {parameter.low, parameter.usual, parameter.high}) {
        const std::string value = written(parameter, bound, 0);
        EXPECT_TRUE(reading(rule, parameter.name, value).ok()) << parameter.name << " " << value;
      }
      for (const std::string& value :
           {written(parameter, parameter.low, -1), written(parameter, parameter.high, 1),
            std::string("x"), std::string("[]"), std::string("~"), std::string("nan")}) {
        const absl::Status status = reading(rule, parameter.name, value);
        EXPECT_FALSE(status.ok()) << rule.name << " " << parameter.name << ": " << value;
        EXPECT_THAT(std::string(status.message()), HasSubstr("p.yml:2:"));
      }
    }
  }
}

TEST(RuleTable, AParameterOfAnotherRuleIsRefused) {
  for (const Rule& rule : all_rules()) {
    for (const Rule& other : all_rules()) {
      for (const Parameter& parameter : other.parameters) {
        const Control control{.id = "c", .title = "T", .rule = std::string(rule.name)};
        if (find_parameter(control, parameter.name) != nullptr) continue;
        const absl::Status status =
            reading(rule, parameter.name, written(parameter, parameter.usual, 0));
        EXPECT_THAT(std::string(status.message()), HasSubstr(std::string(parameter.name)));
      }
    }
  }
}

}  // namespace
}  // namespace muster::policy
