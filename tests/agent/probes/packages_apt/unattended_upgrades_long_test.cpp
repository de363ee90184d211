// What unattended-upgrades itself would take, by its own dry run, beside what the probe says. Its
// package would set up timers on this machine, so it is fetched from this machine's apt sources and
// unpacked, and runs in a mount namespace of its own.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <set>
#include <sstream>

#include "tests/agent/probes/packages_apt/apt_oracle.h"
#include "tests/agent/probes/packages_apt/apt_world.h"
#include "tests/agent/probes/packages_apt/command.h"

namespace muster::test {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

using Names = std::set<std::string>;

constexpr const char* kSecurityOnly =
    R"(Unattended-Upgrade::Origins-Pattern {
  "origin=Debian,codename=${distro_codename}-security,label=Debian-Security"; };
)";
constexpr const char* kOldForm =
    "Unattended-Upgrade::Allowed-Origins { \"${distro_id}:stable-security\"; };\n";
constexpr const char* kMainOnly =
    "Unattended-Upgrade::Origins-Pattern { \"o=Debian,l=Debian,n=bookworm\"; };\n";

class UnattendedUpgrades : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    std::string name = ::testing::TempDir() + "unattended.XXXXXX";
    unpacked = ::mkdtemp(name.data());
    for (const char* package : {"unattended-upgrades", "python3-distro-info"}) {
      ASSERT_EQ(run_command({"sh", "-ec",
                             "cd \"$0\"; apt-get -qq -o APT::Sandbox::User=root download \"$1\"; "
                             "dpkg-deb -x \"$1\"_*.deb .",
                             unpacked, package})
                    .status,
                0)
          << package << " could not be fetched from this machine's apt sources";
    }
  }

  static void TearDownTestSuite() { fs::remove_all(unpacked); }

  void SetUp() override {
    world_.add({"main",
                "bookworm",
                "Origin: Debian\nLabel: Debian\nSuite: stable\n",
                {{"base-files", "12"},
                 {"plain", "1.1"},
                 {"superseded", "1.2"},
                 {"twice", "1.1"},
                 {"current", "1.0"}}});
    world_.add({"security",
                "bookworm-security",
                "Origin: Debian\nLabel: Debian-Security\nSuite: stable-security\n",
                {{"fixed", "1.1"},
                 {"superseded", "1.1"},
                 {"twice", "1.1"},
                 {"held", "1.1"},
                 {"unmet", "1.1", "Depends: absent\n"},
                 {"needs-fixed", "1.1", "Depends: fixed (>= 1.1)\n"}}});
    world_.add({"vendor", "vendor", "Origin: Vendor\nLabel: Vendor\n", {{"tool", "1.1"}}});
    std::vector<Stanza> installed = {{"base-files", "12"},
                                     {"systemd-sysv", "252"},
                                     {"unattended-upgrades", "2.9"},
                                     {"held", "1.0", "", "amd64", "hold ok installed"}};
    for (const char* name :
         {"plain", "fixed", "superseded", "twice", "unmet", "needs-fixed", "tool", "current"}) {
      installed.push_back({name, "1.0"});
    }
    world_.write_status(installed);
    ASSERT_TRUE(world_.update_lists());
    world_.write("etc/os-release", "ID=debian\nVERSION_CODENAME=bookworm\n");
    for (const char* unit : {"apt-daily-upgrade.timer", "apt-daily-upgrade.service",
                             "timers.target.wants/apt-daily-upgrade.timer"}) {
      world_.write(fmt::format("lib/systemd/system/{}", unit), "[Unit]\n");
    }
    world_.write("etc/apt/apt.conf.d/20auto-upgrades",
                 "APT::Periodic::Unattended-Upgrade \"1\";\n");
    fs::create_directory(world_.root() + "/var/lib/dpkg/updates");
  }

  void configure(const std::string& settings) const {
    world_.write("etc/apt/apt.conf.d/50unattended-upgrades",
                 std::string("Dir::Cache::pkgcache \"\";\nDir::Cache::srcpkgcache \"\";\n"
                             "APT::Sandbox::User \"root\";\n") +
                     settings);
  }

  // What it writes besides (its log, its lock) is in the namespace, its stamp in the root.
  CommandResult dry_run() const {
    constexpr const char* kScript = R"(set -e
for directory in /run /var/log /var/lib/unattended-upgrades; do
  if test -d $directory; then mount -t tmpfs tmpfs $directory; fi
done
mkdir /run/lock /var/log/unattended-upgrades
exec "$0" "$@")";
    std::vector<std::string> command = world_.in_place();
    command.insert(command.end(), {"sh", "-c", kScript, "/usr/bin/python3",
                                   unpacked + "/usr/bin/unattended-upgrade", "--dry-run", "-d"});
    return run_command(command,
                       {"LC_ALL=C", "PYTHONPATH=" + unpacked + "/usr/lib/python3/dist-packages"});
  }

  // The packages that it would upgrade, by its own words.
  Names its_choice() const {
    const CommandResult result = dry_run();
    constexpr std::string_view kAnnouncement = "pkgs that look like they should be upgraded: ";
    const size_t start = result.output.find(kAnnouncement);
    EXPECT_NE(start, std::string::npos) << result.output;
    if (start == std::string::npos) return {};
    std::istringstream lines(result.output.substr(start + kAnnouncement.size()));
    Names names;
    for (std::string line; std::getline(lines, line) && !line.empty();) {
      if (line.find(' ') != std::string::npos) break;
      names.insert(line);
    }
    return names;
  }

  v1::PackageFacts facts() const { return probe_facts(world_.root()); }

  static Names fixes_to_install(const v1::PackageFacts& facts) {
    Names names;
    for (const v1::PendingUpdate& update : facts.pending_updates()) {
      if (update.security() == v1::SECURITY_YES && update.would_install()) {
        names.insert(update.package());
      }
    }
    return names;
  }

  AptWorld world_;
  static std::string unpacked;
};

std::string UnattendedUpgrades::unpacked;

TEST_F(UnattendedUpgrades, TakesTheFixesThatTheProbeSaysItTakes) {
  for (const char* settings : {kSecurityOnly, kOldForm}) {
    configure(settings);
    const v1::PackageFacts said = facts();
    EXPECT_EQ(said.automatic_updates().state(), v1::AUTOMATIC_UPDATES_ON)
        << said.automatic_updates().reason();
    EXPECT_TRUE(said.automatic_updates().takes_security());
    EXPECT_EQ(its_choice(), fixes_to_install(said));
    EXPECT_THAT(fixes_to_install(said), ElementsAre("fixed", "needs-fixed", "superseded", "twice"))
        << "the probe itself is awake";
  }
}

TEST_F(UnattendedUpgrades, TakesNoFixWhereTheProbeSaysSo) {
  configure(kMainOnly);
  EXPECT_FALSE(facts().automatic_updates().takes_security());
  // One that the main repository has, too, comes from there.
  EXPECT_THAT(its_choice(), ElementsAre("plain", "superseded", "twice"));
}

TEST_F(UnattendedUpgrades, StopsWhereTheProbeSaysItDoes) {
  configure("Unattended-Upgrade::Origins-Pattern { \"vendor=Debian\"; };\n");
  EXPECT_EQ(facts().automatic_updates().state(), v1::AUTOMATIC_UPDATES_OFF);
  const CommandResult result = dry_run();
  EXPECT_NE(result.status, 0);
  EXPECT_THAT(result.output, HasSubstr("Unknown whitelist entry"));
}

}  // namespace
}  // namespace muster::test
