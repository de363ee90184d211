#include "agent/probes/packages_rpm/automatic_updates.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <utility>

#include "agent/probes/packages_rpm/kernel_images.h"
#include "agent/probes/packages_rpm/other_managers.h"
#include "tests/agent/probes/test_root.h"

namespace muster::packages_rpm {
namespace {

using ::testing::HasSubstr;

constexpr const char* kWants = "/etc/systemd/system/timers.target.wants/";

TEST(RpmAutomaticUpdates, AreOffWithoutATimerThatIsEnabled) {
  const test::TestRoot root;
  root.write("/etc/dnf/automatic.conf", "[commands]\napply_updates = yes\n");
  v1::AutomaticUpdateState state = automatic_updates(root.path(), {});
  EXPECT_EQ(state.state(), v1::AUTOMATIC_UPDATES_OFF);
  EXPECT_EQ(state.reason(), "it is not installed");
  state = automatic_updates(root.path(), {"dnf-automatic"});
  EXPECT_EQ(state.state(), v1::AUTOMATIC_UPDATES_OFF);
  EXPECT_EQ(state.reason(), "none of its timers is enabled");
}

TEST(RpmAutomaticUpdates, AreWhatTheTimerAndTheSettingsSayTogether) {
  struct Case {
    const char* timer;
    const char* settings;
    v1::AutomaticUpdates state;
  };
  constexpr Case kCases[] = {
      {"dnf-automatic.timer", "[commands]\napply_updates = yes\n", v1::AUTOMATIC_UPDATES_ON},
      {"dnf-automatic.timer", "[commands]\ndownload_updates=yes\napply_updates = no\n",
       v1::AUTOMATIC_UPDATES_DOWNLOAD_ONLY},
      {"dnf-automatic.timer", "[emitters]\napply_updates = yes\n", v1::AUTOMATIC_UPDATES_OFF},
      {"dnf-automatic.timer", "# [commands]\n", v1::AUTOMATIC_UPDATES_OFF},
      {"dnf-automatic-install.timer", "[commands]\napply_updates = no\n", v1::AUTOMATIC_UPDATES_ON},
      {"dnf-automatic-download.timer", "", v1::AUTOMATIC_UPDATES_DOWNLOAD_ONLY},
      {"dnf-automatic-notifyonly.timer", "[commands]\napply_updates = yes\n",
       v1::AUTOMATIC_UPDATES_OFF},
      {"transactional-update.timer", "", v1::AUTOMATIC_UPDATES_ON},
      {"dnf-makecache.timer", "[commands]\napply_updates = yes\n", v1::AUTOMATIC_UPDATES_OFF},
  };
  for (const Case& one : kCases) {
    const test::TestRoot root;
    root.write("/etc/dnf/automatic.conf", one.settings);
    root.link(std::string(kWants) + one.timer, "/usr/lib/systemd/system/x.timer");
    const v1::AutomaticUpdateState state = automatic_updates(root.path(), {"dnf-automatic"});
    EXPECT_EQ(state.state(), one.state) << one.timer << ": " << one.settings;
    EXPECT_EQ(state.takes_security(), one.state == v1::AUTOMATIC_UPDATES_ON);
    EXPECT_FALSE(state.has_last_run_at());
  }
}

TEST(RpmAutomaticUpdates, AreNotOffWhereTheTimersCannotBeListed) {
  const test::TestRoot root;
  root.link(std::string(kWants) + "dnf-automatic-install.timer", "/x");
  root.set_mode(kWants, 0);
  v1::AutomaticUpdateState state;
  {
    const test::WithoutRights user;
    state = automatic_updates(root.path(), {"dnf-automatic"});
  }
  root.set_mode(kWants, 0755);
  EXPECT_EQ(state.state(), v1::AUTOMATIC_UPDATES_UNSPECIFIED);
  EXPECT_THAT(state.reason(), HasSubstr("timers.target.wants: Permission denied"));
}

TEST(RpmAutomaticUpdates, RanWhenSystemdSaysThatTheTimerDid) {
  const test::TestRoot root;
  root.link(std::string(kWants) + "dnf-automatic-install.timer", "/x");
  root.write("/var/lib/systemd/timers/stamp-dnf-automatic-install.timer", "");
  const v1::AutomaticUpdateState state = automatic_updates(root.path(), {});
  EXPECT_EQ(state.mechanism(), "dnf-automatic");
  EXPECT_TRUE(state.has_last_run_at());
  EXPECT_FALSE(state.has_last_success_at());
  EXPECT_EQ(state.reason(), "dnf-automatic-install.timer is enabled");
}

TEST(RpmAutomaticUpdates, AreNotKnownWhereAnotherMechanismIsThere) {
  const test::TestRoot root;
  for (const char* package : {"yum-cron", "os-update"}) {
    const v1::AutomaticUpdateState state = automatic_updates(root.path(), {package});
    EXPECT_EQ(state.state(), v1::AUTOMATIC_UPDATES_UNSPECIFIED);
    EXPECT_EQ(state.mechanism(), package);
    EXPECT_EQ(
        state.reason(),
        fmt::format("{} is installed, and whether it is switched on is not looked at", package));
  }
  for (const char* period : {"daily", "weekly", "monthly"}) {
    const test::TestRoot suse;
    const std::string job = fmt::format("/etc/cron.{}/opensuse.org-online_update", period);
    suse.write("/usr/lib/YaST2/bin/online_update", "");
    suse.link(job, "/usr/lib/YaST2/bin/online_update");
    const v1::AutomaticUpdateState state = automatic_updates(suse.path(), {});
    EXPECT_EQ(state.state(), v1::AUTOMATIC_UPDATES_UNSPECIFIED);
    EXPECT_EQ(state.mechanism(), "YaST online update");
    EXPECT_EQ(state.reason(), job + " is there, and what it installs is not looked at");
  }
}

TEST(RpmAutomaticUpdates, ThatInstallAreKnownWhateverElseIsThere) {
  const test::TestRoot root;
  root.link(std::string(kWants) + "dnf-automatic-download.timer", "/x");
  const std::set<std::string> installed = {"yum-cron"};
  EXPECT_EQ(automatic_updates(root.path(), installed).state(), v1::AUTOMATIC_UPDATES_UNSPECIFIED);
  root.link(std::string(kWants) + "dnf-automatic-install.timer", "/x");
  EXPECT_EQ(automatic_updates(root.path(), installed).state(), v1::AUTOMATIC_UPDATES_ON);
}

TEST(KernelImages, TellTheRelease) {
  EXPECT_EQ(release_of_image("/lib/modules/5.14.0-427.el9.x86_64/vmlinuz"),
            "5.14.0-427.el9.x86_64");
  EXPECT_EQ(release_of_image("/lib/modules/5.14.0-427.el9.x86_64+rt/vmlinuz"),
            "5.14.0-427.el9.x86_64+rt");
  EXPECT_EQ(release_of_image("/usr/lib/modules/6.4.0-150600.23-default/Image"),
            "6.4.0-150600.23-default");
  EXPECT_EQ(release_of_image("/boot/vmlinuz-3.10.0-1160.el7.x86_64"), "3.10.0-1160.el7.x86_64");
  EXPECT_EQ(release_of_image("/boot/image-5.14.21-default"), "5.14.21-default");
  for (const char* other :
       {"/lib/modules/5.14/build/vmlinuz", "/lib/modules/5.14/System.map",
        "/boot/vmlinux-5.14-default.gz", "/boot/vmlinuz", "/boot/vmlinuz-", "/boot/vmlinuz-5/x",
        "/lib/modules/vmlinuz", "/lib/modules//vmlinuz", "", "/boot/"}) {
    EXPECT_EQ(release_of_image(other), "") << other;
  }
  EXPECT_EQ(flavour_of_kernel("kernel-rt-core"), "kernel-rt");
  EXPECT_EQ(flavour_of_kernel("kernel-core"), "kernel");
  EXPECT_EQ(flavour_of_kernel("kernel-default"), "kernel-default");
}

TEST(OtherManagers, AreNotSupportedAndNeverNothing) {
  EXPECT_EQ(unsupported_manager(test::TestRoot().path()), "");
  constexpr std::pair<const char*, const char*> kCases[] = {
      {"CRUX's pkgutils", "/var/lib/pkg/db"},
      {"eopkg", "/var/lib/eopkg"},
      {"guix", "/var/guix/db"},
      {"nix", "/nix/var/nix/db"},
      {"opkg", "/usr/lib/opkg"},
      {"opkg", "/var/lib/opkg"},
      {"pacman", "/var/lib/pacman/local"},
      {"pisi", "/var/lib/pisi"},
      {"portage", "/var/db/pkg"},
      {"Slackware's pkgtools", "/var/lib/pkgtools/packages"},
      {"Slackware's pkgtools", "/var/log/packages"},
      {"swupd", "/usr/share/clear/bundles"},
      {"Tiny Core's tce", "/usr/local/tce.installed"},
      {"xbps", "/var/db/xbps"},
  };
  for (const auto& [manager, database] : kCases) {
    const test::TestRoot root;
    root.make_directory(database);
    EXPECT_EQ(unsupported_manager(root.path()),
              fmt::format("the packages here are those of {}, which Muster does not support ({} is "
                          "there): which updates wait cannot be told",
                          manager, database));
  }
}

TEST(OtherManagers, OfAPrivateDirectoryAreNotNothing) {
  const test::TestRoot root;
  root.make_directory("/var/db/pkg");
  root.set_mode("/var/db", 0700);
  const test::WithoutRights without;
  EXPECT_THAT(unsupported_manager(root.path()), HasSubstr("not support"));
}

// A Debian with pacman, or with nix: for a container, or beside apt.
TEST(OtherManagers, BesideOneThatAProbeKnowsDoNotMatter) {
  for (const char* known :
       {"/var/lib/dpkg/status", "/lib/apk/db/installed", "/usr/lib/apk/db/installed"}) {
    const test::TestRoot root;
    root.make_directory("/var/lib/pacman/local");
    root.make_directory("/nix/var/nix/db");
    root.write(known, "");
    EXPECT_EQ(unsupported_manager(root.path()), "") << known;
  }
}

}  // namespace
}  // namespace muster::packages_rpm
