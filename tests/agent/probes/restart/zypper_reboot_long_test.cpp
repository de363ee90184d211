// What the probe says of /run/reboot-needed beside `zypper needs-rebooting`. zypper cannot be
// installed beside dnf's plugins, so it is fetched from this machine's apt sources and unpacked.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "agent/probes/restart/reboot_requests.h"
#include "tests/agent/probes/packages_apt/command.h"
#include "tests/agent/probes/test_root.h"

namespace muster::restart {
namespace {

// ZYPPER_EXIT_INF_REBOOT_NEEDED of zypper(8).
constexpr int kRebootNeeded = 102;

class ZypperReboot : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    std::string name = ::testing::TempDir() + "zypper.XXXXXX";
    unpacked = ::mkdtemp(name.data());
    for (const char* package : {"zypper", "libzypp1722", "libzypp-config", "libaugeas0",
                                "libboost-thread1.74.0", "libproxy1v5", "libsigc++-2.0-0v5"}) {
      ASSERT_EQ(test::run_command({"sh", "-ec",
                                   "cd \"$0\"; apt-get -qq -o APT::Sandbox::User=root download "
                                   "\"$1\"; dpkg-deb -x \"$1\"_*.deb .",
                                   unpacked, package})
                    .status,
                0)
          << package << " could not be fetched from this machine's apt sources";
    }
  }
  static void TearDownTestSuite() { std::filesystem::remove_all(unpacked); }

  int theirs() const {
    return test::run_command(
               {unpacked + "/usr/bin/zypper", "--non-interactive", "--root", root_.path(),
                "needs-rebooting"},
               {"LC_ALL=C", "LD_LIBRARY_PATH=" + unpacked + "/usr/lib/" + MUSTER_LIBRARIES})
        .status;
  }
  bool ours() const {
    v1::RestartFacts facts;
    add_reboot_requests(root_.path(), facts);
    return facts.reboot_requests_size() == 1 &&
           facts.reboot_requests(0).source() == "/run/reboot-needed";
  }

  test::TestRoot root_;
  static inline std::string unpacked;
};

TEST_F(ZypperReboot, IsNeededWhereTheFlagIs) {
  root_.make_directory("/run");
  EXPECT_EQ(theirs(), 0);
  EXPECT_FALSE(ours());
  root_.write("/run/reboot-needed", "");
  EXPECT_EQ(theirs(), kRebootNeeded);
  EXPECT_TRUE(ours());
}

// That one is Debian's.
TEST_F(ZypperReboot, IsNotNeededForTheFlagOfOthers) {
  root_.write("/run/reboot-required", "");
  EXPECT_EQ(theirs(), 0);
  EXPECT_FALSE(ours());
}

}  // namespace
}  // namespace muster::restart
