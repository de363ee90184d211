// The probe beside the real apt: on this machine, and in a root with every case that differs.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "tests/agent/probes/packages_apt/apt_oracle.h"
#include "tests/agent/probes/packages_apt/apt_world.h"

namespace muster::test {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr const char* kPhased = "Phased-Update-Percentage: 0\n";

Repository main_repository() {
  return {"main",
          "bookworm",
          "Origin: Debian\nLabel: Debian\nSuite: stable\n",
          {{"base-files", "12"},
           {"dpkg", "1.21"},
           {"plain", "1.1", "Source: plain-source\n"},
           {"superseded", "1.2"},
           {"twice", "1.1"},
           {"pinned", "1.1"},
           {"held", "1.1"},
           {"phased", "1.1", kPhased},
           {"phased-security", "1.2", kPhased},
           {"phased-for-all", "1.1", "Phased-Update-Percentage: 100\n"},
           {"downgrade", "1.0"},
           {"half", "1.1"},
           {"half-current", "1.0"},
           {"for-all", "1.1", "", "all"},
           {"libshared", "1.1", "Multi-Arch: same\n"},
           {"libshared", "1.1", "Multi-Arch: same\n", "i386"},
           {"foreign-only", "1.1", "Multi-Arch: foreign\n", "i386"},
           {"unmet", "1.1", "Depends: absent (>= 3) | missing\n"},
           {"needs-new", "1.1", "Depends: brand-new\n"},
           {"brand-new", "1.0"},
           {"core", "2.0", "Breaks: addon (<< 2)\n"},
           {"addon", "1.1"},
           {"current", "1.0"},
           {"not-installed", "1.0"}}};
}

Repository security_repository() {
  return {"security",
          "bookworm-security",
          "Origin: Debian\nLabel: Debian-Security\nSuite: stable-security\n",
          {{"fixed", "1.1"},
           {"superseded", "1.1"},
           {"twice", "1.1"},
           {"phased-security", "1.1"},
           {"already-fixed", "1.0"}}};
}

Repository vendor_repository() {
  return {"vendor",
          "vendor",
          "Origin: Vendor\nLabel: Vendor\nSuite: vendor\n",
          {{"vendor-tool", "1.1"}, {"vendor-current", "1.0"}, {"pinned", "2.0"}}};
}

std::vector<Stanza> installed_packages() {
  std::vector<Stanza> packages = {
      {"base-files", "12"},
      {"dpkg", "1.21"},
      {"downgrade", "2.0"},
      {"held", "1.0", "", "amd64", "hold ok installed"},
      {"half", "1.0", "", "amd64", "install ok half-configured"},
      {"half-current", "1.0", "", "amd64", "install ok triggers-pending"},
      {"for-all", "1.0", "", "all"},
      {"libshared", "1.0", "Multi-Arch: same\n"},
      {"libshared", "1.0", "Multi-Arch: same\n", "i386"},
      {"foreign-only", "1.0", "Multi-Arch: foreign\n", "i386"},
      {"removed", "1.0", "", "amd64", "deinstall ok config-files"},
  };
  for (const char* name :
       {"plain", "fixed", "superseded", "twice", "pinned", "phased", "phased-security",
        "phased-for-all", "unmet", "needs-new", "core", "addon", "current", "already-fixed",
        "vendor-tool", "vendor-current", "gone"}) {
    packages.push_back({name, "1.0"});
  }
  return packages;
}

// The root with every case; tests spoil it as they need.
class PackagesApt : public ::testing::Test {
 protected:
  void SetUp() override {
    for (const Repository& repository :
         {main_repository(), security_repository(), vendor_repository()}) {
      world_.add(repository);
    }
    world_.write_status(installed_packages());
    world_.write("etc/apt/preferences.d/pins",
                 "Package: downgrade\nPin: version 1.0\nPin-Priority: 1001\n\n"
                 "Package: pinned\nPin: release o=Vendor\nPin-Priority: 100\n");
    ASSERT_TRUE(world_.update_lists());
  }

  v1::PendingUpdate update_of(const v1::PackageFacts& facts, const std::string& package) const {
    for (const v1::PendingUpdate& update : facts.pending_updates()) {
      if (update.package() == package) return update;
    }
    ADD_FAILURE() << package << " does not wait";
    return {};
  }

  void expect_as_apt(const v1::PackageFacts& facts) const {
    EXPECT_EQ(all_updates(facts), listed_as_upgradable(world_.apt_configuration()));
    EXPECT_EQ(updates_to_install(facts), upgraded_by_dist_upgrade(world_.apt_configuration()));
    EXPECT_EQ(facts.installed(), listed(world_.apt_configuration(), "?installed"));
    EXPECT_EQ(facts.obsolete(), listed(world_.apt_configuration(), "?obsolete"));
  }

  AptWorld world_;
};

TEST(PackagesAptOnThisMachine, AgreesWithAptPackageByPackage) {
  const v1::PackageFacts facts = probe_facts("/");
  EXPECT_GT(facts.installed(), 0u);
  EXPECT_EQ(all_updates(facts), listed_as_upgradable(""));
  EXPECT_EQ(updates_to_install(facts), upgraded_by_dist_upgrade(""));
  EXPECT_EQ(facts.installed(), listed("", "?installed"));
  EXPECT_EQ(facts.obsolete(), listed("", "?obsolete"));
}

TEST_F(PackagesApt, AgreesWithAptPackageByPackage) {
  const v1::PackageFacts facts = probe_facts(world_.root());
  expect_as_apt(facts);
  EXPECT_THAT(facts.problems(), IsEmpty());
  // The oracle itself is awake: apt sees the cases that this root was made for.
  EXPECT_THAT(listed_as_upgradable(world_.apt_configuration()),
              ::testing::IsSupersetOf({"plain:amd64 1.0 -> 1.1", "held:amd64 1.0 -> 1.1",
                                       "phased:amd64 1.0 -> 1.1", "pinned:amd64 1.0 -> 1.1",
                                       "libshared:i386 1.0 -> 1.1", "unmet:amd64 1.0 -> 1.1"}));
}

TEST_F(PackagesApt, TellsWhichUpdatesCloseSecurityHoles) {
  const v1::PackageFacts facts = probe_facts(world_.root());
  std::vector<std::string> security;
  for (const v1::PendingUpdate& update : facts.pending_updates()) {
    if (update.security() == v1::SECURITY_YES) security.push_back(update.package());
  }
  EXPECT_THAT(security, ElementsAre("fixed", "phased-security", "superseded", "twice"));
  const v1::PendingUpdate twice = update_of(facts, "twice");
  ASSERT_EQ(twice.origins_size(), 2);
  EXPECT_EQ(twice.origins(0).label(), "Debian");
  EXPECT_EQ(twice.origins(1).label(), "Debian-Security");
  EXPECT_EQ(twice.origins(1).suite(), "stable-security");
  EXPECT_TRUE(twice.origins(1).security());
  EXPECT_EQ(update_of(facts, "plain").security(), v1::SECURITY_NO);
  // A vendor does not say what its updates are for.
  EXPECT_EQ(update_of(facts, "vendor-tool").security(), v1::SECURITY_UNSPECIFIED);
  EXPECT_THAT(facts.repositories_without_errata(), ElementsAre("Vendor"));
}

TEST_F(PackagesApt, NamesThirdPartiesWithWhatIsInstalledFromThem) {
  const v1::PackageFacts facts = probe_facts(world_.root());
  ASSERT_EQ(facts.third_party_repositories_size(), 1);
  EXPECT_EQ(facts.third_party_repositories(0).name(), "Vendor");
  EXPECT_EQ(facts.third_party_repositories(0).packages(), 2u);
}

TEST_F(PackagesApt, ListsTheKernelsThatCouldBeStarted) {
  for (const Stanza& kernel : std::vector<Stanza>{
           {"linux-image-6.1.0-9-amd64", "6.1.27-1", "Source: linux-signed-amd64\n"},
           {"linux-image-6.1.0-28-amd64", "6.1.119-1", "Source: linux-signed-amd64\n"},
           {"linux-image-6.1.0-28-rt-amd64", "6.1.119-1", "Source: linux-signed-amd64\n"},
           {"linux-image-amd64", "6.1.119-1", "Source: linux-signed-amd64\n"},
           {"linux-image-6.1.0-7-amd64", "6.1.20-1", "", "amd64", "deinstall ok config-files"}}) {
    world_.append("var/lib/dpkg/status",
                  fmt::format("Package: {}\nStatus: {}\nArchitecture: {}\nVersion: {}\n{}"
                              "Maintainer: x\nDescription: x\n\n",
                              kernel.package, kernel.status, kernel.architecture, kernel.version,
                              kernel.fields));
  }
  std::vector<std::string> kernels;
  const v1::PackageFacts facts = probe_facts(world_.root());
  for (const v1::InstalledKernel& kernel : facts.kernels())
    kernels.push_back(kernel.flavour() + " " + kernel.release() + " " + kernel.build());
  EXPECT_THAT(kernels, ElementsAre("amd64 6.1.0-28-amd64 6.1.119-1", "amd64 6.1.0-9-amd64 6.1.27-1",
                                   "rt-amd64 6.1.0-28-rt-amd64 6.1.119-1"));
}

// Every state of dpkg(1): "triggers-awaited" and so on are not whole; what is only configuration is
// not there.
TEST_F(PackagesApt, NamesWhatIsNotFullyInstalledInEveryState) {
  std::vector<Stanza> packages = {{"dpkg", "1.21"}};
  for (const char* state : {"installed", "config-files", "half-installed", "unpacked",
                            "half-configured", "triggers-awaited", "triggers-pending"}) {
    packages.push_back({state, "1.0", "", "amd64", fmt::format("install ok {}", state)});
  }
  packages.push_back({"to-be-reinstalled", "1.0", "", "amd64", "install reinstreq installed"});
  packages.push_back({"to-be-removed", "1.0", "", "amd64", "deinstall ok installed"});
  world_.write_status(packages);
  const v1::PackageFacts facts = probe_facts(world_.root());
  EXPECT_THAT(facts.broken(), ElementsAre("half-configured", "half-installed", "to-be-reinstalled",
                                          "triggers-awaited", "triggers-pending", "unpacked"));
  EXPECT_EQ(facts.installed(), 9u);
}

TEST_F(PackagesApt, SaysWhyAnUpdateWouldNotBeInstalled) {
  const v1::PackageFacts facts = probe_facts(world_.root());
  EXPECT_EQ(update_of(facts, "held").not_installed_because(), "held");
  EXPECT_EQ(update_of(facts, "phased").not_installed_because(), "phased (0 %)");
  EXPECT_EQ(update_of(facts, "unmet").not_installed_because(),
            "kept back: it needs absent (>= 3) | missing, which is not available");
  EXPECT_TRUE(update_of(facts, "phased-security").would_install());
  EXPECT_TRUE(update_of(facts, "phased-for-all").would_install());
  EXPECT_TRUE(update_of(facts, "needs-new").would_install());
  // core breaks the old addon, and its update is not new enough: one of them goes or stays.
  EXPECT_NE(update_of(facts, "core").would_install(), update_of(facts, "addon").would_install());
}

TEST_F(PackagesApt, CountsAndNamesTheRest) {
  const v1::PackageFacts facts = probe_facts(world_.root());
  EXPECT_EQ(facts.manager(), "apt");
  EXPECT_EQ(update_of(facts, "plain").source_package(), "plain-source");
  EXPECT_EQ(update_of(facts, "for-all").architecture(), "all");
  EXPECT_THAT(facts.held(), ElementsAre("held"));
  EXPECT_THAT(facts.broken(), ElementsAre("half", "half-current"));
  EXPECT_EQ(facts.obsolete(), 1u);     // gone
  EXPECT_EQ(facts.third_party(), 2u);  // vendor-tool, vendor-current; pinned is Debian's too
  EXPECT_TRUE(facts.lists_present());
  EXPECT_EQ(facts.lists_updated_source(), "lists/partial");
  EXPECT_TRUE(facts.has_lists_updated_at());
}

TEST_F(PackagesApt, TakesTheAgeOfTheListsFromTheBestStamp) {
  world_.write("var/lib/apt/periodic/update-stamp", "");
  EXPECT_EQ(probe_facts(world_.root()).lists_updated_source(), "update-stamp");
  world_.write("var/lib/apt/periodic/update-success-stamp", "");
  EXPECT_EQ(probe_facts(world_.root()).lists_updated_source(), "update-success-stamp");
}

TEST_F(PackagesApt, FollowsTheSettingsOfTheRootAsAptDoes) {
  for (const char* setting : {
           "APT::Get::Always-Include-Phased-Updates \"true\";",
           "Update-Manager::Never-Include-Phased-Updates \"true\";",
           "Binary { apt-get { APT::Get::Always-Include-Phased-Updates \"true\"; }; };",
           "APT::Ignore-Hold \"true\";",
           "APT::Default-Release \"vendor\";",
           "APT::Machine-ID \"fedcba9876543210fedcba9876543210\";",
           "Dir::Etc::preferencesparts \"/nowhere\";",
       }) {
    world_.write("etc/apt/apt.conf.d/50test", setting);
    SCOPED_TRACE(setting);
    expect_as_apt(probe_facts(world_.root()));
  }
}

TEST_F(PackagesApt, InstallsPhasedUpdatesWhereThereIsNoMachineId) {
  fs::remove(world_.root() + "/etc/machine-id");
  const v1::PackageFacts facts = probe_facts(world_.root());
  EXPECT_TRUE(update_of(facts, "phased").would_install());
  expect_as_apt(facts);
}

TEST_F(PackagesApt, InstallsNothingWhereAptWouldStop) {
  world_.append("var/lib/dpkg/status",
                "Package: unhappy\nStatus: install ok installed\nArchitecture: amd64\n"
                "Version: 1\nDepends: nowhere-to-be-found\nDescription: x\n\n");
  const v1::PackageFacts facts = probe_facts(world_.root());
  EXPECT_EQ(all_updates(facts), listed_as_upgradable(world_.apt_configuration()));
  EXPECT_THAT(updates_to_install(facts), IsEmpty());
  EXPECT_THAT(update_of(facts, "plain").not_installed_because(), HasSubstr("--fix-broken"));
}

TEST_F(PackagesApt, ReportsTheSameToAnUnprivilegedUser) {
  const v1::PackageFacts as_root = probe_facts(world_.root());
  EXPECT_EQ(probe_facts(world_.root(), unprivileged()).SerializeAsString(),
            as_root.SerializeAsString());
}

TEST(PackagesAptOnThisMachine, ReportsTheSameToAnUnprivilegedUser) {
  EXPECT_EQ(probe_facts("/", unprivileged()).SerializeAsString(),
            probe_facts("/").SerializeAsString());
}

// It asks what `apt-get update` has left, never a repository.
TEST_F(PackagesApt, ReportsTheSameWithoutANetwork) {
  EXPECT_EQ(probe_facts(world_.root(), without_network()).SerializeAsString(),
            probe_facts(world_.root()).SerializeAsString());
}

TEST(PackagesAptOnThisMachine, ReportsTheSameWithoutANetwork) {
  EXPECT_EQ(probe_facts("/", without_network()).SerializeAsString(),
            probe_facts("/").SerializeAsString());
}

TEST_F(PackagesApt, ReportsZeroWhereNothingWaits) {
  world_.write_status({{"current", "1.0"}, {"dpkg", "1.21"}});
  const v1::PackageFacts facts = probe_facts(world_.root());
  EXPECT_EQ(facts.installed(), 2u);
  EXPECT_EQ(facts.pending_updates_size(), 0);
  EXPECT_TRUE(facts.lists_present());
  expect_as_apt(facts);
}

TEST_F(PackagesApt, DoesNotKnowOfUpdatesWithoutLists) {
  fs::remove_all(world_.root() + "/var/lib/apt/lists");
  const v1::PackageFacts without_lists = probe_facts(world_.root());
  EXPECT_FALSE(without_lists.lists_present());
  EXPECT_FALSE(without_lists.has_lists_updated_at());
  EXPECT_EQ(without_lists.problems_size(), 3) << "one for each repository";
  fs::remove_all(world_.root() + "/etc/apt/sources.list.d");
  EXPECT_FALSE(probe_facts(world_.root()).lists_present());
}

TEST_F(PackagesApt, DoesNotApplyWithoutDpkg) {
  fs::remove(world_.root() + "/var/lib/dpkg/status");
  const v1::Section section = run_probe(world_.root());
  EXPECT_EQ(section.outcome(), v1::OUTCOME_NOT_APPLICABLE);
  EXPECT_THAT(section.reason(), HasSubstr("/var/lib/dpkg/status"));
}

TEST_F(PackagesApt, IsAFailureWithoutDpkgWhereTheSystemMustHaveIt) {
  fs::remove(world_.root() + "/var/lib/dpkg/status");
  world_.write("etc/os-release", "ID=linuxmint\nID_LIKE=ubuntu\n");
  const v1::Section section = run_probe(world_.root());
  EXPECT_EQ(section.outcome(), v1::OUTCOME_FAILED);
  EXPECT_THAT(section.reason(), HasSubstr("is all of it mounted?"));
}

}  // namespace
}  // namespace muster::test
