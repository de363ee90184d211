#include "collector/policy_test/policy_tests.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tests/collector/policy_test/a_policy.h"
#include "tests/common/temporary_directory.h"

namespace muster::collector {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class PolicyTests : public testing::Test {
 protected:
  std::string put(const std::string& name, const std::string& text) {
    std::ofstream(path(name)) << text;
    return path(name);
  }
  std::string path(const std::string& name) const { return directory_.path() + "/" + name; }

  test::TemporaryDirectory directory_;
};

TEST_F(PolicyTests, AreThoseInTheDirectoryOrBesideTheFile) {
  put("10.yml", "");
  const std::string first = put("10_test.yml", "");
  const std::string second = put("20_test.yml", "");
  put("20_test.yml.orig", "");
  EXPECT_THAT(*find_policy_tests(directory_.path()), ElementsAre(first, second));
  EXPECT_THAT(*find_policy_tests(path("10.yml")), ElementsAre(first));
  EXPECT_THAT(*find_policy_tests(path("30.yml")), IsEmpty());
}

TEST_F(PolicyTests, AreCountedAndThoseThatDoNotHoldAreCountedApart) {
  const std::string good = put("a_test.yml",
                               "at: 2026-11-20\ntests:\n"
                               "  - {name: a, expect: {host-reporting: pass}}\n"
                               "  - {name: b, expect: {host-reporting: fail}}\n");
  const absl::StatusOr<v1::PolicyTestReport> report =
      run_policy_tests({good}, a_policy(), std::nullopt);
  ASSERT_EQ(report.status(), absl::OkStatus());
  EXPECT_EQ(report->tests_size(), 2);
  EXPECT_EQ(report->failed(), 1U);
  EXPECT_EQ(report->tests(1).mismatches(0).got(), "pass");
}

TEST_F(PolicyTests, AllFilesThatAreWrongAreNamedAtOnce) {
  const std::string a = put("a_test.yml", "tests: x\n");
  const std::string b = put("b_test.yml", "tests:\n  - {name: a, facts_from: gone.json}\n");
  const absl::Status status = run_policy_tests({a, b}, a_policy(), std::nullopt).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), HasSubstr(a + ":1:8: 'tests' must be a list"));
  EXPECT_THAT(std::string(status.message()),
              HasSubstr(b + ":2:27: gone.json: reading " + path("gone.json")));
}

}  // namespace
}  // namespace muster::collector
