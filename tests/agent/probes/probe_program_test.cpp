#include "agent/probes/probe_program.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <string>
#include <system_error>

#include "muster/v1/host_facts.pb.h"
#include "tests/agent/probes/test_root.h"

namespace muster::probe {
namespace {

TEST(ResolveInRoot, LeavesAPathWithoutLinksAsItIs) {
  const test::TestRoot root;
  root.write("/etc/os-release", "x");
  EXPECT_EQ(resolve_in_root(root.path(), "/etc/os-release"), root.path() + "/etc/os-release");
  EXPECT_EQ(resolve_in_root(root.path(), "/not/there"), root.path() + "/not/there");
}

TEST(ResolveInRoot, FollowsAbsoluteLinksInsideTheRoot) {
  const test::TestRoot root;
  root.write("/usr/lib/os-release", "x");
  root.link("/etc/os-release", "/usr/lib/os-release");
  EXPECT_EQ(resolve_in_root(root.path(), "/etc/os-release"), root.path() + "/usr/lib/os-release");
}

TEST(ResolveInRoot, KeepsLinksThatClimbOutInside) {
  const test::TestRoot root;
  root.link("/shadow", "../../../../../../etc/shadow");
  root.link("/up", "..");
  EXPECT_EQ(resolve_in_root(root.path(), "/shadow"), root.path() + "/etc/shadow");
  EXPECT_EQ(resolve_in_root(root.path(), "/up/up/etc/passwd"), root.path() + "/etc/passwd");
  EXPECT_EQ(resolve_in_root(root.path(), "/../../etc/passwd"), root.path() + "/etc/passwd");
}

TEST(ResolveInRoot, FollowsLinksInTheMiddleOfAPath) {
  const test::TestRoot root;
  root.write("/srv/live/cert.pem", "x");
  root.link("/etc/letsencrypt", "../srv");
  root.link("/srv/current", "live");
  EXPECT_EQ(resolve_in_root(root.path(), "/etc/letsencrypt/current/cert.pem"),
            root.path() + "/srv/live/cert.pem");
}

TEST(ResolveInRoot, GivesUpOnALoop) {
  const test::TestRoot root;
  root.link("/a", "b");
  root.link("/b", "a");
  EXPECT_TRUE(gave_up(resolve_in_root(root.path(), "/a")));
  EXPECT_FALSE(gave_up(resolve_in_root(root.path(), "/not/there")));
}

// What it gives back is opened as it is, and the kernel would follow this link out of the root.
TEST(ResolveInRoot, GivesUpWithAPathThatNothingHas) {
  const test::TestRoot outside;
  outside.write("/secret", "x");
  const std::string secret = outside.path() + "/secret";
  const test::TestRoot root;
  root.link("/direct", secret);
  root.link(secret, "/1");
  for (int i = 1; i < 40; ++i)
    root.link(fmt::format("/{}", i), fmt::format("/{}", i + 1));
  root.write("/40", "inside");
  EXPECT_EQ(resolve_in_root(root.path(), "/1"), root.path() + "/40");
  EXPECT_EQ(resolve_in_root(root.path(), secret), root.path() + "/40");
  const std::string given_up = resolve_in_root(root.path(), "/direct");
  std::error_code error;
  EXPECT_FALSE(std::filesystem::exists(given_up, error));
  EXPECT_EQ(error.value(), ENAMETOOLONG) << "of no name that could come to be";
}

TEST(Sections, ReasonsAreBoundedAndValidUtf8) {
  const v1::Section section = failed(std::string(5000, 'x') + "\xff");
  EXPECT_EQ(section.outcome(), v1::OUTCOME_FAILED);
  EXPECT_LE(section.reason().size(), 1024u);
  EXPECT_EQ(not_applicable("no \xff here").reason(), "no \xEF\xBF\xBD here");
}

TEST(Sections, ObservedFactsNameTheirType) {
  v1::HostFacts facts;
  facts.set_hostname("web1");
  const v1::Section section = observed(facts);
  EXPECT_EQ(section.outcome(), v1::OUTCOME_OBSERVED);
  EXPECT_EQ(section.facts_type(), "muster.v1.HostFacts");
  EXPECT_EQ(section.facts(), facts.SerializeAsString());
}

TEST(Settings, ValuesOfASettingAreGatheredInOrder) {
  v1::ProbeRequest request;
  for (const char* value : {"/a", "/b"}) {
    v1::ProbeSetting& setting = *request.add_settings();
    setting.set_name("paths");
    setting.add_values(value);
  }
  request.add_settings()->set_name("other");
  EXPECT_THAT(setting_values(request, "paths"), testing::ElementsAre("/a", "/b"));
  EXPECT_THAT(setting_values(request, "none"), testing::IsEmpty());
}

// The program's own conduct: runs it with these arguments and no look to make.
int run_with(std::vector<std::string> arguments, std::string* root = nullptr) {
  static constexpr std::array<Setting, 1> kSettings{{{"paths", "files to look at"}}};
  const Description description{"test", "A probe for tests.", kSettings};
  arguments.insert(arguments.begin(), "muster-probe-test");
  std::vector<char*> argv;
  for (std::string& argument : arguments)
    argv.push_back(argument.data());
  argv.push_back(nullptr);
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  const int status = run(static_cast<int>(arguments.size()), argv.data(), description,
                         [root](const v1::ProbeRequest& request) {
                           if (root != nullptr) *root = request.root();
                           return not_applicable("a test");
                         });
  testing::internal::GetCapturedStdout();
  testing::internal::GetCapturedStderr();
  return status;
}

TEST(ProbeProgram, UnknownOptionsAndSettingsAreUsageErrors) {
  EXPECT_EQ(run_with({"--no-such-option"}), 64);
  EXPECT_EQ(run_with({"--format", "xml"}), 64);
  EXPECT_EQ(run_with({"--format", "json", "--set", "pahts=/etc"}), 64);
  EXPECT_EQ(run_with({"--format", "json", "--set", "paths"}), 64);
  EXPECT_EQ(run_with({"--format", "json", "--set", "paths=/etc"}), 0);
  EXPECT_EQ(run_with({"--help"}), 0);
}

TEST(ProbeProgram, TheRootIsAbsoluteAndHasNoSlashAtItsEnd) {
  std::string root = "unset";
  EXPECT_EQ(run_with({"--format", "json"}, &root), 0);
  EXPECT_EQ(root, "");
  EXPECT_EQ(run_with({"--format", "json", "--root", "/mnt/image/"}, &root), 0);
  EXPECT_EQ(root, "/mnt/image");
  EXPECT_EQ(run_with({"--format", "json", "--root", "image"}, &root), 0);
  EXPECT_TRUE(root.starts_with('/')) << root;
  EXPECT_TRUE(root.ends_with("/image")) << root;
}

}  // namespace
}  // namespace muster::probe
