#include "collector/service/policy_reload.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "tests/collector/fakes.h"

namespace muster::collector {
namespace {

using testing::HasSubstr;

const std::string web_policy =
    "labels: {role: }\n"
    "controls:\n"
    "  - {id: a, title: A, rule: host_reporting, applies_to: {labels: {role: [web]}}}\n";

class PolicyReload : public testing::Test {
 protected:
  PolicyReload() : fleet_(clock_, store_, std::make_shared<policy::Policy>()) {}
  ~PolicyReload() override { std::filesystem::remove(path_); }

  void enrol(const std::string& role) {
    fleet_.add_host({.id = "0123456789abcdef0123456789abcdef",
                     .name = "h1",
                     .labels = {{"role", role}},
                     .machine_id_hash = {},
                     .enrolled_at = clock_.now(),
                     .last_sync_at = std::nullopt});
  }
  absl::StatusOr<LoadedPolicy> load(const std::string& text) const {
    std::ofstream(path_) << text;
    return load_policy_for(fleet_, path_);
  }

  // ctest runs the tests of a file side by side.
  const std::string path_ =
      testing::TempDir() + "policy_reload_test." + std::to_string(::getpid()) + ".yml";
  FakeClock clock_;
  FakeStore store_;
  Fleet fleet_;
};

TEST_F(PolicyReload, RefusesASelectorThatSelectsNoHost) {
  enrol("mail");
  EXPECT_EQ(load(web_policy).status(),
            absl::InvalidArgumentError(
                path_ + ":3:57: the selector of the control a selects no host of the fleet: "
                        "correct it, or let it say may_be_empty: true"));
}

TEST_F(PolicyReload, TakesASelectorThatSelectsAHostOrMayBeEmpty) {
  enrol("web");
  EXPECT_EQ(load(web_policy).status(), absl::OkStatus());
  EXPECT_EQ(load(web_policy + "owners: [{team: t, match: {hosts: [gone], may_be_empty: true}}]\n")
                .status(),
            absl::OkStatus());
}

TEST_F(PolicyReload, TakesAnySelectorWhileThereAreNoHosts) {
  EXPECT_EQ(load(web_policy).status(), absl::OkStatus());
}

TEST_F(PolicyReload, TakesThePolicyInForceThoughItsHostsAreGone) {
  const absl::StatusOr<LoadedPolicy> first = load(web_policy);
  ASSERT_TRUE(first.ok()) << first.status();
  fleet_.set_policy(first->policy);
  enrol("mail");
  testing::internal::CaptureStderr();
  EXPECT_EQ(load(web_policy).status(), absl::OkStatus());
  EXPECT_THAT(testing::internal::GetCapturedStderr(),
              HasSubstr("selectors of the policy select nothing of the fleet"));
  EXPECT_FALSE(load(web_policy + "# changed\n").ok());
}

TEST_F(PolicyReload, TellsAHundredSelectorsAndHowManyMoreThereAre) {
  enrol("mail");
  std::string text = "controls:\n  - {id: a, title: A, rule: host_reporting}\nowners:\n";
  for (int i = 0; i < 103; ++i)
    text += "  - {team: t" + std::to_string(i) + ", match: {hosts: [gone]}}\n";
  const std::string said(load(text).status().message());
  EXPECT_THAT(said, HasSubstr("the owner t99 "));
  EXPECT_TRUE(said.ends_with("\nand 3 more")) << said;
}

}  // namespace
}  // namespace muster::collector
