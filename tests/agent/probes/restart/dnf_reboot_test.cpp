// What the probe says of core packages beside `dnf needs-restarting -r`, which has it of the
// package database: in a root with such packages, in the database and as files.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <ctime>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>

#include "agent/probes/restart/reboot_requests.h"
#include "tests/agent/probes/packages_apt/command.h"
#include "tests/agent/probes/packages_rpm/rpm_world.h"

namespace muster::restart {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::IsSupersetOf;

using Names = std::set<std::string>;

// dnf's name -> a file of that package.
constexpr auto kCore = std::to_array<std::pair<const char*, const char*>>({
    {"dbus-broker", "usr/bin/dbus-broker"},
    {"dbus-daemon", "usr/bin/dbus-daemon"},
    {"glibc", "usr/lib64/libc.so.6"},
    {"linux-firmware", "usr/share/licenses/linux-firmware/GPL-2"},
    {"systemd", "usr/lib/systemd/systemd"},
});
// The rule reboot_done has the running kernel beside those that are installed; dbus has no files.
constexpr auto kElsewhere = std::to_array({"dbus", "kernel", "kernel-rt"});

struct Answer {
  bool reboot = false;
  Names packages;
};

class DnfReboot : public ::testing::Test {
 protected:
  void install(const Names& names) const {
    std::vector<test::RpmPackageText> packages;
    for (const std::string& name : names)
      packages.push_back({.name = name, .version = "1.0"});
    for (const auto& [name, file] : kCore) {
      if (names.contains(name)) world_.write(file, name);
    }
    world_.install(packages);
  }
  // To dnf the boot is the time of /proc/1.
  Answer theirs(std::vector<std::string> prefix = {}) const {
    for (const std::string& word : world_.dnf())
      prefix.push_back(word);
    for (const char* word : {"--enableplugin=needs_restarting", "needs-restarting", "-r"})
      prefix.emplace_back(word);
    const test::CommandResult result = test::run_command(prefix, world_.environment());
    Answer answer{.reboot = result.status != 0, .packages = {}};
    EXPECT_THAT(result.output, HasSubstr(answer.reboot ? "Reboot is required" : "not be necessary"))
        << result.status;
    std::istringstream lines(result.output);
    constexpr std::string_view kMark = "  * ";
    for (std::string line; std::getline(lines, line);) {
      if (line.starts_with(kMark)) answer.packages.insert(line.substr(kMark.size()));
    }
    return answer;
  }
  v1::RestartFacts ours(int64_t booted_at) const {
    v1::RestartFacts facts;
    add_replaced_packages(world_.root(), booted_at, facts);
    return facts;
  }
  static int64_t boot() {
    struct stat status {};
    EXPECT_EQ(::stat("/proc/1", &status), 0);
    return status.st_mtime;
  }
  static Names names_of(const v1::RestartFacts& facts) {
    return {facts.replaced_since_boot().begin(), facts.replaced_since_boot().end()};
  }

  test::RpmWorld world_;
};

TEST_F(DnfReboot, ReasonsAreAmongOurs) {
  install({"bash", "dbus", "dbus-broker", "dbus-daemon", "glibc", "kernel", "kernel-rt",
           "linux-firmware", "systemd"});
  const Answer dnf = theirs();
  EXPECT_TRUE(dnf.reboot);
  EXPECT_THAT(dnf.packages, IsSupersetOf(kElsewhere));
  Names all = names_of(ours(boot()));
  all.insert(kElsewhere.begin(), kElsewhere.end());
  EXPECT_THAT(all, IsSupersetOf(dnf.packages));
  EXPECT_THAT(ours(boot()).problems(), IsEmpty());
}

TEST_F(DnfReboot, IsNotNeededForOtherPackages) {
  install({"bash", "httpd"});
  EXPECT_FALSE(theirs().reboot);
  EXPECT_THAT(ours(boot()).replaced_since_boot(), IsEmpty());
}

// For dnf in a namespace of processes that begins after the packages were installed.
TEST_F(DnfReboot, IsNotNeededForWhatWasInstalledBeforeTheBoot) {
  install({"glibc", "systemd"});
  std::vector<std::string> after{"unshare", "--pid", "--fork", "--mount-proc"};
  if (::geteuid() != 0) after.insert(after.end(), {"--user", "--map-root-user"});
  EXPECT_FALSE(theirs(after).reboot);
  EXPECT_THAT(ours(std::time(nullptr) + 1).replaced_since_boot(), IsEmpty());
  EXPECT_THAT(theirs().packages, ElementsAre("glibc", "systemd"));
  EXPECT_THAT(names_of(ours(boot())), ElementsAre("glibc", "systemd"));
}

// Of these no file is known: not "none", but not looked at.
TEST_F(DnfReboot, IsUnknownForPackagesThatTheSystemAddsToTheList) {
  install({"bash", "httpd"});
  world_.write("etc/dnf/plugins/needs-restarting.d/own.conf", "httpd\n");
  EXPECT_THAT(theirs().packages, ElementsAre("httpd"));
  EXPECT_THAT(ours(boot()).problems(),
              Contains("/etc/dnf/plugins/needs-restarting.d: whether these packages were installed "
                       "since the boot is not looked at: httpd"));
}

}  // namespace
}  // namespace muster::restart
