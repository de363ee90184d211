// The small parsers of the packages-apt probe: apt.conf before libapt-pkg, dpkg's files, mountinfo.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/probes/packages_apt/chroot_check.h"
#include "agent/probes/packages_apt/configuration_text.h"
#include "agent/probes/packages_apt/dpkg_architectures.h"

namespace muster::packages_apt {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(ConfigurationText, FindsDirectivesThatReadOtherFiles) {
  for (const char* text : {
           "#include \"/etc/shadow\";",
           "APT {}; #include /etc/x;",
           "\"#include\" /etc/x;",
           "%23include /etc/x;",
           "\"%23inc\"lude /etc/x;",
           "#%69nclude /etc/x;",
           "#i%6Eclude /etc/x;",
           "#x-apt-configure-index /etc/x;",
           "APT::Foo \"#include\";",
       }) {
    EXPECT_TRUE(may_name_other_files(text)) << text;
  }
  for (const char* text : {
           "",
           "# include nothing\nAPT::Install-Recommends \"false\";",
           "#clear APT::NeverAutoRemove;",
           "// includes\nDir::Ignore-Files-Silently:: \"~$\";",
           "Acquire::http::Proxy \"http://user:%40%2@proxy/\";",
           "%2",
           "%",
           "%zz",
       }) {
    EXPECT_FALSE(may_name_other_files(text)) << text;
  }
}

TEST(DpkgArchitectures, AreListedNativeFirst) {
  EXPECT_THAT(listed_architectures("amd64\ni386\n"), ElementsAre("amd64", "i386"));
  EXPECT_THAT(listed_architectures("arm64"), ElementsAre("arm64"));
  EXPECT_THAT(listed_architectures("\r\n amd64 \n\n../etc\nA B\n"), ElementsAre("amd64"));
  EXPECT_THAT(listed_architectures(""), IsEmpty());
}

TEST(DpkgArchitectures, AreBounded) {
  std::string text;
  for (size_t i = 0; i <= kMostArchitectures; ++i)
    text += fmt::format("arch{}\n", i);
  EXPECT_EQ(listed_architectures(text).size(), kMostArchitectures);
  EXPECT_THAT(listed_architectures(std::string(33, 'a')), IsEmpty());
}

TEST(DpkgArchitectures, TheNativeOneIsThatOfDpkgItself) {
  EXPECT_EQ(architecture_of_dpkg("Package: dpkg-dev\nArchitecture: all\n\n"
                                 "Package: dpkg\nStatus: install ok installed\n"
                                 "Architecture: riscv64\nVersion: 1\n\n"),
            "riscv64");
  EXPECT_EQ(architecture_of_dpkg("Package: dpkg\nVersion: 1\n\nPackage: a\nArchitecture: i386\n"),
            "");
  EXPECT_EQ(architecture_of_dpkg("Package: dpkg\nArchitecture: ../../x\n"), "");
  EXPECT_EQ(architecture_of_dpkg(""), "");
}

constexpr const char* kHost =
    "22 1 8:1 / / rw - ext4 /dev/sda1 rw\n25 22 0:5 / /proc rw - proc p rw\n";

TEST(ChrootCheck, ComparesWhatIsMountedAtTheRoot) {
  EXPECT_FALSE(is_chroot(kHost, kHost));
  // A service with a mount namespace of its own has other ids.
  EXPECT_FALSE(is_chroot("922 900 8:1 / / ro - ext4 /dev/sda1 rw\n", kHost));
  // A directory of the same disk: nothing is mounted at "/".
  EXPECT_TRUE(is_chroot("25 22 0:5 / /proc rw - proc proc rw\n", kHost));
  // A disk of its own, or a bind mount of a directory.
  EXPECT_TRUE(is_chroot("90 22 8:2 / / rw - ext4 /dev/sda2 rw\n", kHost));
  EXPECT_TRUE(is_chroot("90 22 8:1 /srv/chroot / rw - ext4 /dev/sda1 rw\n", kHost));
}

TEST(ChrootCheck, IsNoChrootWhereItCannotBeTold) {
  EXPECT_FALSE(is_chroot("", kHost));
  EXPECT_FALSE(is_chroot(kHost, ""));
  EXPECT_FALSE(is_chroot("garbage", "garbage"));
}

TEST(ChrootCheck, TheLastMountCoversTheOthers) {
  EXPECT_FALSE(is_chroot(std::string("1 1 0:2 / / rw - rootfs rootfs rw\n") + kHost, kHost));
}

}  // namespace
}  // namespace muster::packages_apt
