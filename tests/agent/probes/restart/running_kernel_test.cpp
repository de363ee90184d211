#include "agent/probes/restart/running_kernel.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "tests/agent/probes/test_root.h"

namespace muster::restart {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST(LivePatches, TellTheirLevelByTheNamesOfTheirModules) {
  struct Case {
    std::string_view module;
    std::string_view release;
    std::string_view level;
  };
  constexpr Case kCases[] = {
      {"lkp_Ubuntu_5_15_0_52_58_generic_111", "5.15.0-52-generic", "111"},
      {"lkp_Ubuntu_6_8_0_31_31_generic_104", "6.8.0-31-generic", "104"},
      {"lkp_Ubuntu_5_15_0_52_58_generic", "5.15.0-52-generic", ""},
      {"kpatch_5_14_0_70_13_1_1_2", "5.14.0-70.13.1.el9_0.x86_64", "1-2"},
      {"kpatch_4_18_0_147_3_1_1_12", "4.18.0-147.3.1.el8_1.x86_64", "1-12"},
      // For another release: it cannot be in force.
      {"kpatch_5_14_0_70_13_1_1_2", "5.14.0-70.17.1.el9_0.x86_64", ""},
      {"kpatch_5_14_0_70_13_1_x", "5.14.0-70.13.1.el9_0.x86_64", ""},
      {"kpatch_mine", "5.14.0-70.13.1.el9_0.x86_64", ""},
      {"livepatch_150600_23_25", "6.4.0-150600.23.25-default", ""},
      {"klp_example", "6.1.0-28-amd64", ""},
      {"", "", ""},
  };
  for (const Case& c : kCases)
    EXPECT_EQ(level_of_live_patch(c.module, c.release), c.level) << c.module;
}

class KernelLook : public ::testing::Test {
 protected:
  void patch(const std::string& name, std::string_view enabled, std::string_view transition) const {
    root_.write("/sys/kernel/livepatch/" + name + "/enabled", enabled);
    root_.write("/sys/kernel/livepatch/" + name + "/transition", transition);
  }
  v1::RunningKernel look(v1::Virtualization machine = v1::VIRTUALIZATION_NONE) {
    return look_at_kernel(root_.path(),
                          {.kernel_release = "5.15.0-52-generic",
                           .kernel_version = "#58-Ubuntu SMP Thu Oct 13 08:03:55 UTC 2022",
                           .machine = "x86_64"},
                          machine, facts_);
  }

  test::TestRoot root_;
  v1::RestartFacts facts_;
};

TEST_F(KernelLook, TellsWhatRuns) {
  root_.write("/proc/version_signature", "Ubuntu 5.15.0-52.58-generic 5.15.60\n");
  root_.make_directory("/lib/modules/5.15.0-52-generic");
  const v1::RunningKernel kernel = look();
  EXPECT_EQ(kernel.release(), "5.15.0-52-generic");
  EXPECT_EQ(kernel.version(), "#58-Ubuntu SMP Thu Oct 13 08:03:55 UTC 2022");
  EXPECT_EQ(kernel.version_signature(), "Ubuntu 5.15.0-52.58-generic 5.15.60");
  EXPECT_TRUE(kernel.modules_present());
  EXPECT_EQ(kernel.state(), v1::RESTART_STATE_UNSPECIFIED);
  EXPECT_THAT(kernel.reason(), HasSubstr("the facts of the packages tell"));
  EXPECT_THAT(kernel.live_patches(), IsEmpty());
  EXPECT_EQ(kernel.effective_level(), "");
  EXPECT_THAT(facts_.problems(), IsEmpty());
}

TEST_F(KernelLook, SeesThatItsModulesAreGone) {
  root_.make_directory("/lib/modules/5.15.0-53-generic");
  EXPECT_FALSE(look().modules_present());
}

TEST_F(KernelLook, TellsTheLivePatchesAndTheirLevel) {
  patch("lkp_Ubuntu_5_15_0_52_58_generic_111", "1\n", "0\n");
  patch("lkp_Ubuntu_5_15_0_52_58_generic_99", "0\n", "0\n");
  const v1::RunningKernel kernel = look();
  ASSERT_THAT(kernel.live_patches(), SizeIs(2));
  EXPECT_EQ(kernel.live_patches(0).name(), "lkp_Ubuntu_5_15_0_52_58_generic_111");
  EXPECT_TRUE(kernel.live_patches(0).enabled());
  EXPECT_FALSE(kernel.live_patches(0).in_transition());
  EXPECT_FALSE(kernel.live_patches(1).enabled());
  EXPECT_EQ(kernel.effective_level(), "111");
}

TEST_F(KernelLook, TellsNoLevelOfWhatIsNotInForceEverywhere) {
  patch("lkp_Ubuntu_5_15_0_52_58_generic_111", "1\n", "1\n");
  EXPECT_TRUE(look().live_patches(0).in_transition());
  EXPECT_EQ(look().effective_level(), "");
}

TEST_F(KernelLook, TellsNoLevelWhereTwoDisagree) {
  patch("lkp_Ubuntu_5_15_0_52_58_generic_111", "1\n", "0\n");
  patch("lkp_Ubuntu_5_15_0_52_58_generic_112", "1\n", "0\n");
  EXPECT_EQ(look().effective_level(), "");
}

TEST_F(KernelLook, SaysWhatOfALivePatchCouldNotBeRead) {
  root_.make_directory("/sys/kernel/livepatch/klp_mine");
  EXPECT_FALSE(look().live_patches(0).enabled());
  EXPECT_THAT(facts_.problems(0), HasSubstr("/sys/kernel/livepatch/klp_mine/enabled"));
}

TEST_F(KernelLook, DoesNotListAnyNumberOfLivePatches) {
  for (int i = 0; i < 65; ++i)
    patch("klp_" + std::to_string(i), "1\n", "0\n");
  EXPECT_THAT(look().live_patches(), IsEmpty());
  EXPECT_THAT(facts_.problems(0), HasSubstr("more than 64"));
}

TEST_F(KernelLook, DoesNotApplyInAContainer) {
  patch("lkp_Ubuntu_5_15_0_52_58_generic_111", "1\n", "0\n");
  const v1::RunningKernel kernel = look(v1::VIRTUALIZATION_CONTAINER);
  EXPECT_EQ(kernel.state(), v1::RESTART_STATE_NOT_APPLICABLE);
  EXPECT_THAT(kernel.reason(), HasSubstr("container"));
  EXPECT_THAT(kernel.live_patches(), IsEmpty());
  EXPECT_THAT(look(v1::VIRTUALIZATION_UNSPECIFIED).reason(), HasSubstr("could not be told"));
}

}  // namespace
}  // namespace muster::restart
