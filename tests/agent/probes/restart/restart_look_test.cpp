// Whole looks at made-up systems.
#include "agent/probes/restart/restart_look.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "agent/sandbox/process_table.h"
#include "muster/v1/restart_facts.pb.h"
#include "tests/agent/probes/test_root.h"

namespace muster::restart {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr std::string_view kStale =
    "7f00-7f10 r-xp 00000000 08:02 12 /usr/lib/libz.so.1 (deleted)\n";

class RestartLook : public ::testing::Test {
 protected:
  RestartLook() {
    root_.write("/proc/stat", "cpu  1 2 3\nbtime 1767225600\n");
    root_.write("/proc/cpuinfo",
                "vendor_id\t: GenuineIntel\ncpu family\t: 6\nmodel\t\t: 85\n"
                "stepping\t: 4\nmicrocode\t: 0x2006e05\n");
    root_.make_directory("/run/systemd/system");
    root_.write("/proc/812/stat",
                "812 (nginx) S 1 812 812 0 -1 0 1 2 3 4 5 6 7 8 20 0 1 0 100 1\n");
    root_.write("/proc/812/cgroup", "0::/system.slice/nginx.service\n");
    root_.write("/proc/812/maps", kStale);
  }
  v1::Section section() const {
    return look_at_restarts(root_.path(), running_,
                            {agent::gather_processes((root_.path() + "/proc").c_str())},
                            [](int32_t, const std::string&) { return std::nullopt; });
  }
  v1::RestartFacts look() const {
    v1::RestartFacts facts;
    const v1::Section seen = section();
    EXPECT_EQ(seen.outcome(), v1::OUTCOME_OBSERVED) << seen.reason();
    EXPECT_TRUE(facts.ParseFromString(seen.facts()));
    return facts;
  }

  test::TestRoot root_;
  RunningSystem running_{.kernel_release = "6.1.0-28-amd64",
                         .kernel_version = "#1 SMP PREEMPT_DYNAMIC Debian 6.1.119-1 (2024-11-22)",
                         .machine = "x86_64"};
};

TEST_F(RestartLook, TellsOfAServer) {
  root_.make_directory("/lib/modules/6.1.0-28-amd64");
  root_.write("/run/reboot-required", "");
  const v1::RestartFacts facts = look();
  EXPECT_EQ(facts.kernel().release(), "6.1.0-28-amd64");
  EXPECT_TRUE(facts.kernel().modules_present());
  EXPECT_EQ(facts.microcode().state(), v1::RESTART_STATE_CURRENT);
  EXPECT_EQ(facts.microcode().processor(), "06-55-04");
  ASSERT_THAT(facts.stale_services(), SizeIs(1));
  EXPECT_EQ(facts.stale_services(0).unit(), "nginx.service");
  EXPECT_EQ(facts.stale_services(0).started_at().seconds(), 1'767'225'601);
  EXPECT_THAT(facts.reboot_requests(), SizeIs(1));
  EXPECT_EQ(facts.processes(), 1U);
  EXPECT_THAT(facts.problems(), IsEmpty());
}

TEST_F(RestartLook, OfAContainerHasServicesAndNeitherKernelNorMicrocode) {
  root_.write("/run/systemd/container", "systemd-nspawn\n");
  root_.make_directory("/etc/dnf");
  root_.write("/usr/lib64/libc.so.6", "");
  const v1::RestartFacts facts = look();
  EXPECT_EQ(facts.kernel().state(), v1::RESTART_STATE_NOT_APPLICABLE);
  EXPECT_EQ(facts.microcode().state(), v1::RESTART_STATE_NOT_APPLICABLE);
  EXPECT_THAT(facts.stale_services(), SizeIs(1));
  // Its own start is not the kernel's, so what was replaced since is not known.
  EXPECT_THAT(facts.replaced_since_boot(), IsEmpty());
}

TEST_F(RestartLook, OfAGuestHasAKernelAndNoMicrocode) {
  running_.hypervisor_signature = std::string("KVMKVMKVM\0\0\0", 12);
  const v1::RestartFacts facts = look();
  EXPECT_NE(facts.kernel().state(), v1::RESTART_STATE_NOT_APPLICABLE);
  EXPECT_EQ(facts.microcode().state(), v1::RESTART_STATE_NOT_APPLICABLE);
}

TEST_F(RestartLook, SaysWhereItMayBeAContainerUnseen) {
  std::filesystem::remove_all(root_.path() + "/run/systemd");
  EXPECT_THAT(look().kernel().reason(), HasSubstr("could not be told"));
  root_.write("/proc/1/environ", std::string("HOME=/\0TERM=linux\0", 18));
  EXPECT_THAT(look().kernel().reason(), HasSubstr("the facts of the packages tell"));
}

TEST_F(RestartLook, SaysThatTheTimeOfTheBootIsMissing) {
  root_.write("/proc/stat", "cpu  1 2 3\n");
  const v1::RestartFacts facts = look();
  EXPECT_FALSE(facts.stale_services(0).has_started_at());
  EXPECT_THAT(facts.problems(0), HasSubstr("/proc/stat: it has no line btime"));
}

TEST(ProcessTableByHand, IsNotAllThereIsWhereItIsNotRoots) {
  EXPECT_EQ(take_process_table().root_would_see_more, ::geteuid() != 0);
  const test::WithoutRights without;
  EXPECT_TRUE(take_process_table().root_would_see_more);
}

TEST_F(RestartLook, FailsWithoutProcesses) {
  for (const std::string_view table : {"", "no table"}) {
    const v1::Section seen = look_at_restarts(root_.path(), running_, {std::string(table)}, {});
    EXPECT_EQ(seen.outcome(), v1::OUTCOME_FAILED);
    EXPECT_THAT(seen.reason(), HasSubstr("no table of the processes"));
  }
}

}  // namespace
}  // namespace muster::restart
