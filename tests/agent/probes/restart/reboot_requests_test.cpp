#include "agent/probes/restart/reboot_requests.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <utime.h>

#include <string>

#include "tests/agent/probes/test_root.h"

namespace muster::restart {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class RebootRequests : public ::testing::Test {
 protected:
  v1::RestartFacts look() const {
    v1::RestartFacts facts;
    add_reboot_requests(root_.path(), facts);
    return facts;
  }
  v1::RestartFacts look_at_packages(int64_t booted_at) const {
    v1::RestartFacts facts;
    add_replaced_packages(root_.path(), booted_at, facts);
    return facts;
  }

  test::TestRoot root_;
  // Before and after all files that a test makes.
  const int64_t long_ago_ = 946'684'800;
  const int64_t far_ahead_ = 4'102'444'800;
};

TEST_F(RebootRequests, AreReadWithTheirPackages) {
  root_.write("/run/reboot-required", "*** System restart required ***\n");
  root_.write("/run/reboot-required.pkgs", "linux-image-6.1.0-28-amd64\nlibc6\nlibc6\n\n dbus \n");
  const utimbuf times{1'767'225'600, 1'767'225'600};
  ::utime((root_.path() + "/run/reboot-required").c_str(), &times);
  const v1::RestartFacts facts = look();
  ASSERT_THAT(facts.reboot_requests(), SizeIs(1));
  const v1::RebootRequest& request = facts.reboot_requests(0);
  EXPECT_EQ(request.source(), "/run/reboot-required");
  EXPECT_THAT(request.packages(), ElementsAre("dbus", "libc6", "linux-image-6.1.0-28-amd64"));
  EXPECT_EQ(request.requested_at().seconds(), 1'767'225'600);
}

TEST_F(RebootRequests, AreSusesToo) {
  root_.write("/run/reboot-needed", "soft-reboot\n");
  const v1::RestartFacts facts = look();
  ASSERT_THAT(facts.reboot_requests(), SizeIs(1));
  EXPECT_EQ(facts.reboot_requests(0).source(), "/run/reboot-needed");
  EXPECT_THAT(facts.reboot_requests(0).packages(), IsEmpty());
}

TEST_F(RebootRequests, AreNoneWithoutAFile) {
  EXPECT_THAT(look().reboot_requests(), IsEmpty());
  EXPECT_THAT(look().problems(), IsEmpty());
}

TEST_F(RebootRequests, AreStillSoWhereTheirListCannotBeTaken) {
  root_.write("/run/reboot-required", "");
  root_.write("/run/reboot-required.pkgs", std::string((1 << 18) + 1, 'x'));
  const v1::RestartFacts facts = look();
  EXPECT_THAT(facts.reboot_requests(), SizeIs(1));
  ASSERT_THAT(facts.problems(), SizeIs(1));
  EXPECT_THAT(facts.problems(0), HasSubstr("/run/reboot-required.pkgs: "));
}

TEST_F(RebootRequests, NameSoManyPackagesAndNoMore) {
  std::string list;
  for (int i = 0; i < 101; ++i)
    list += "package" + std::to_string(i) + "\n";
  root_.write("/run/reboot-required", "");
  root_.write("/run/reboot-required.pkgs", list + "\x1b[2J" + std::string(400, 'x') + "\n");
  const v1::RestartFacts facts = look();
  EXPECT_THAT(facts.reboot_requests(0).packages(), SizeIs(100));
  EXPECT_TRUE(facts.reboot_requests(0).packages(0).starts_with("\\x1b[2J"));
  EXPECT_LE(facts.reboot_requests(0).packages(0).size(), 256U);
}

TEST_F(RebootRequests, AreCorePackagesThatWereReplacedSinceTheBoot) {
  root_.make_directory("/etc/dnf");
  root_.write("/usr/lib64/libc.so.6", "glibc");
  root_.write("/usr/lib/systemd/systemd", "systemd");
  root_.write("/usr/lib/systemd/systemd-executor", "systemd");
  EXPECT_THAT(look_at_packages(long_ago_).replaced_since_boot(), ElementsAre("glibc", "systemd"));
  EXPECT_THAT(look_at_packages(far_ahead_).replaced_since_boot(), IsEmpty());
  EXPECT_TRUE(look_at_packages(far_ahead_).replaced_since_boot_looked_at());
  EXPECT_THAT(look_at_packages(0).replaced_since_boot(), IsEmpty());
  EXPECT_FALSE(look_at_packages(0).replaced_since_boot_looked_at());
}

// Beside dnf's own list, which is looked at here or among the kernels.
TEST_F(RebootRequests, AreUnknownOfPackagesThatTheSystemAddsToDnfsList) {
  const std::string list = "/etc/dnf/plugins/needs-restarting.d";
  root_.write(list + "/known.conf", "glibc\n\nkernel\n");
  root_.write(list + "/README", "httpd\n");
  EXPECT_THAT(look_at_packages(long_ago_).problems(), IsEmpty());
  root_.write(list + "/own.conf", "httpd\nglibc\n\x1b[2J\n");
  root_.write(list + "/zz.conf", "a\nb\nc\n");
  ASSERT_THAT(look_at_packages(long_ago_).problems(), SizeIs(1));
  EXPECT_EQ(look_at_packages(long_ago_).problems(0),
            list +
                ": whether these packages were installed since the boot is not looked at: "
                "\\x1b[2J, a, b and 2 more");
}

TEST_F(RebootRequests, SayWhatOfDnfsListCouldNotBeTaken) {
  const std::string list = "/etc/dnf/plugins/needs-restarting.d";
  root_.write(list + "/large.conf", std::string((1 << 18) + 1, 'x'));
  ASSERT_THAT(look_at_packages(long_ago_).problems(), SizeIs(1));
  EXPECT_THAT(look_at_packages(long_ago_).problems(0), HasSubstr(list + "/large.conf: "));
  for (int i = 0; i < 100; ++i)
    root_.write(list + "/" + std::to_string(i) + ".conf", "");
  ASSERT_THAT(look_at_packages(long_ago_).problems(), SizeIs(1));
  EXPECT_THAT(look_at_packages(long_ago_).problems(0), HasSubstr(list + ": "));
}

// Rules of one distribution say nothing about another.
TEST_F(RebootRequests, AreNotMadeOfPackagesWhereDnfDoesNotHaveThem) {
  root_.write("/usr/lib/systemd/systemd", "systemd");
  EXPECT_THAT(look_at_packages(long_ago_).replaced_since_boot(), IsEmpty());
  root_.make_directory("/etc/dnf");
  root_.write("/var/lib/dpkg/status", "");
  EXPECT_THAT(look_at_packages(long_ago_).replaced_since_boot(), IsEmpty());
  EXPECT_FALSE(look_at_packages(long_ago_).replaced_since_boot_looked_at());
}

TEST_F(RebootRequests, AreNotMadeOfWhatIsNoFile) {
  root_.write("/etc/yum.conf", "");
  root_.make_directory("/usr/lib64/libc.so.6");
  EXPECT_THAT(look_at_packages(long_ago_).replaced_since_boot(), IsEmpty());
}

}  // namespace
}  // namespace muster::restart
