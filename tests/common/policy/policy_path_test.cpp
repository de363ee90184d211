#include "common/policy/policy_path.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

namespace muster::policy {
namespace {

using ::testing::HasSubstr;

constexpr std::string_view kControls = "controls:\n  - {id: a, title: A, rule: host_reporting}\n";

class PolicyPath : public ::testing::Test {
 protected:
  PolicyPath() { std::filesystem::create_directories(directory_); }
  ~PolicyPath() override { std::filesystem::remove_all(directory_); }

  void write(const std::string& name, std::string_view text) const {
    std::ofstream(directory_ + "/" + name) << text;
  }
  std::string complaint() const {
    return std::string(read_policy_texts(directory_).status().message());
  }

  const std::string directory_ = testing::TempDir() + "policy_path_test." +
                                 testing::UnitTest::GetInstance()->current_test_info()->name();
};

TEST_F(PolicyPath, TakesTheFilesOfADirectoryByNameAndNoOthers) {
  write("20-web.yml", "dates: []\n");
  write("10-policy.yml", kControls);
  write("10-policy_test.yml", "not read");
  write(".10-policy.yml", "not read");
  write("10-policy.yml~", "not read");
  write("README.md", "not read");
  std::filesystem::create_directory(directory_ + "/more");
  const absl::StatusOr<std::vector<PolicyText>> texts = read_policy_texts(directory_);
  ASSERT_TRUE(texts.ok()) << texts.status();
  ASSERT_EQ(texts->size(), 2U);
  EXPECT_EQ((*texts)[0].name, directory_ + "/10-policy.yml");
  EXPECT_EQ((*texts)[0].text, kControls);
  EXPECT_EQ((*texts)[1].name, directory_ + "/20-web.yml");
}

TEST_F(PolicyPath, TakesTheBaselinesOfADirectoryBehindItsFiles) {
  write("10-policy.yml", kControls);
  std::filesystem::create_directory(directory_ + "/baselines");
  write("baselines/05-dell.yml", "baselines: []\n");
  write("baselines/dell_test.yml", "not read");
  absl::StatusOr<std::vector<PolicyText>> texts = read_policy_texts(directory_);
  ASSERT_TRUE(texts.ok()) << texts.status();
  ASSERT_EQ(texts->size(), 2U);
  EXPECT_EQ((*texts)[1].name, directory_ + "/baselines/05-dell.yml");
  write("baselines/hpe.yaml", "baselines: []\n");
  EXPECT_THAT(complaint(), HasSubstr("baselines/hpe.yaml: the files of a policy end in .yml"));
  // They are no policy by themselves.
  std::filesystem::remove(directory_ + "/10-policy.yml");
  EXPECT_THAT(complaint(), HasSubstr("a policy is at least one"));
}

TEST_F(PolicyPath, TakesAFileOfAnyName) {
  write("policy", kControls);
  const absl::StatusOr<std::vector<PolicyText>> texts = read_policy_texts(directory_ + "/policy");
  ASSERT_TRUE(texts.ok()) << texts.status();
  ASSERT_EQ(texts->size(), 1U);
  EXPECT_EQ((*texts)[0].name, directory_ + "/policy");
}

TEST_F(PolicyPath, RefusesADirectoryWithoutAPolicyAndSaysHowToBegin) {
  EXPECT_THAT(complaint(), HasSubstr("no file in this directory ends in .yml"));
  EXPECT_THAT(complaint(), HasSubstr("policy show --default > " + directory_ + "/10-policy.yml"));
  EXPECT_TRUE(absl::IsNotFound(read_policy_texts(directory_ + "/none").status()));
}

TEST_F(PolicyPath, RefusesANameThatWouldBeLeftOutByASlip) {
  write("10-policy.yml", kControls);
  write("20-web.yaml", "dates: []\n");
  EXPECT_EQ(complaint(), directory_ +
                             "/20-web.yaml: the files of a policy end in .yml: rename it, or move "
                             "it away");
}

TEST_F(PolicyPath, RefusesWhatIsNoFile) {
  ASSERT_EQ(::mkfifo((directory_ + "/10-policy.yml").c_str(), 0600), 0);
  EXPECT_THAT(complaint(), HasSubstr("10-policy.yml"));
}

TEST_F(PolicyPath, RefusesMoreFilesThanItReads) {
  for (size_t i = 0; i <= kMostPolicyFiles; ++i)
    write(std::to_string(i) + ".yml", "");
  EXPECT_EQ(complaint(), directory_ + ": more than 500 files end in .yml");
}

TEST_F(PolicyPath, RefusesMoreThanFourMebibytesTogether) {
  write("10-policy.yml", kControls);
  write("20-large.yml", "#" + std::string(kLargestPolicy - kControls.size(), 'x'));
  EXPECT_EQ(complaint(),
            directory_ + "/20-large.yml: with this file the policy is larger than 4 MiB");
}

TEST_F(PolicyPath, JoinsSeveralTextsUnderTheirNames) {
  EXPECT_EQ(join_policy_texts({{.name = "a.yml", .text = "# a"}}), "# a");
  EXPECT_EQ(
      join_policy_texts({{.name = "a.yml", .text = "# a"}, {.name = "b.yml", .text = "b: 1\n"}}),
      "# --- a.yml\n# a\n# --- b.yml\nb: 1\n");
}

}  // namespace
}  // namespace muster::policy
