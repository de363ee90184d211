// The probe beside the real dnf, in a root with every case that differs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "tests/agent/probes/packages_rpm/rpm_oracle.h"
#include "tests/agent/probes/packages_rpm/rpm_world.h"

namespace muster::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::IsSupersetOf;

constexpr const char* kCve = R"(<reference href="h" id="CVE-2026-1" type="cve" title="t"/>)"
                             R"(<reference href="h" id="99" type="bugzilla" title="t"/>)";

RpmRepositoryText base_repository() {
  return {
      "base",
      {{"plain", "1.1"},
       {"fixed", "1.1"},
       {"superseded", "1.1"},
       {"superseded", "1.2"},
       {"epoch", "1:0.9"},
       {"tilde", "1.0"},
       {"downgrade", "1.0"},
       {"left-out", "1.1"},
       {"left-out-here", "1.1"},
       {"locked", "1.1"},
       {"unmet", "1.1", "Requires: absent >= 3\n"},
       {"needs-new", "1.1", "Requires: brand-new\n"},
       {"brand-new", "1.0"},
       {"needs-file", "1.1", "Requires: /opt/odd/place\n"},
       {"has-file", "1.0", "", "/opt/odd/place"},
       {"replacement", "2.0", "Obsoletes: replaced < 2\nProvides: replaced = 2\n"},
       {"current", "1.0"},
       {"example-release", "9.4", "Provides: system-release = 9.4\n"},
       {"kernel-core", "5.15", "Provides: installonlypkg(kernel)\n"},
       {"not-installed", "1.0"}},
      "Example Linux",
      updateinfo({advisory("EXSA-1", "security", "Important",
                           {{"fixed", "1.1"}, {"kernel-core", "5.15"}}, kCve),
                  advisory("EXSA-2", "security", "Critical", {{"superseded", "1.1"}}),
                  advisory("EXBA-3", "bugfix", "None", {{"superseded", "1.2"}, {"plain", "1.1"}}),
                  advisory("EXSA-4", "security", "Low", {{"locked", "1.1"}}),
                  advisory("EXSA-5", "security", "Low", {{"current", "1.0"}}),
                  advisory("EXEA-6", "enhancement", "", {{"epoch", "1:0.9"}})}),
      "",
      "excludepkgs=left-out-here\n"};
}

RpmRepositoryText vendor_repository() {
  return {"vendor",
          {{"vendor-tool", "1.1"}, {"vendor-current", "1.0"}, {"plain", "3.0"}},
          "Vendor Inc.",
          "",
          "",
          "priority=150\n"};
}

std::vector<RpmPackageText> installed_packages() {
  std::vector<RpmPackageText> packages = {
      {"example-release", "9.4", "Provides: system-release = 9.4\n"},
      {"downgrade", "2.0"},
      {"tilde", "1.0~rc1"},
      {"kernel-core", "5.14", "Provides: installonlypkg(kernel)\n",
       "/lib/modules/5.14-1.x/vmlinuz"},
  };
  for (const char* name : {"plain", "fixed", "superseded", "epoch", "left-out", "left-out-here",
                           "locked", "unmet", "needs-new", "needs-file", "replaced", "current",
                           "vendor-tool", "vendor-current", "gone"}) {
    packages.push_back({name, "1.0"});
  }
  return packages;
}

class PackagesRpm : public ::testing::Test {
 protected:
  void SetUp() override {
    world_.add(base_repository());
    world_.add(vendor_repository());
    world_.install(installed_packages());
    world_.write("etc/dnf/dnf.conf", "[main]\nexcludepkgs=left-out\n");
    world_.write("etc/dnf/plugins/versionlock.list", "# a comment\n\nlocked-0:1.0-*\n");
    world_.make_cache();
  }

  RpmWorld world_;
};

TEST_F(PackagesRpm, AgreesWithDnfPackageByPackage) {
  const v1::PackageFacts facts = rpm_facts(world_.root());
  EXPECT_THAT(facts.problems(), IsEmpty());
  const Lines checked = checked_by_dnf(world_);
  EXPECT_EQ(checked_by_probe(facts), checked);
  const Lines advisories = advisories_by_dnf(world_);
  EXPECT_EQ(advisories_by_probe(facts), advisories);
  const Lines upgraded = upgraded_by_dnf(world_);
  EXPECT_EQ(upgraded_by_probe(facts), upgraded);
  // The oracle itself is awake: dnf sees the cases that this root was made for.
  EXPECT_THAT(checked,
              IsSupersetOf({"plain.noarch 1.1-1", "epoch.noarch 1:0.9-1", "tilde.noarch 1.0-1",
                            "replaced.noarch by replacement-2.0-1", "unmet.noarch 1.1-1",
                            "kernel-core.noarch 5.15-1", "vendor-tool.noarch 1.1-1"}));
  EXPECT_THAT(advisories, IsSupersetOf({"EXSA-2 superseded.noarch", "EXBA-3 superseded.noarch"}));
  EXPECT_THAT(upgraded, IsSupersetOf({"plain 1.1-1", "replacement 2.0-1"}));
  // On the machine itself dnf's own digests of the metadata are read, which say the same.
  if (::geteuid() == 0) {
    EXPECT_EQ(rpm_facts("/", world_.in_place()).SerializeAsString(), facts.SerializeAsString());
  }
}

TEST_F(PackagesRpm, TellsWhichUpdatesCloseSecurityHoles) {
  const v1::PackageFacts facts = rpm_facts(world_.root());
  const v1::PendingUpdate fixed = rpm_update(facts, "fixed");
  EXPECT_EQ(fixed.security(), v1::SECURITY_YES);
  EXPECT_EQ(fixed.severity(), v1::ADVISORY_SEVERITY_IMPORTANT);
  ASSERT_EQ(fixed.advisories_size(), 1);
  EXPECT_EQ(fixed.advisories(0).id(), "EXSA-1");
  EXPECT_EQ(fixed.advisories(0).kind(), v1::ADVISORY_KIND_SECURITY);
  EXPECT_THAT(fixed.advisories(0).cves(), ElementsAre("CVE-2026-1"));
  EXPECT_EQ(fixed.advisories(0).issued_at().seconds(), 1767323045);
  EXPECT_EQ(fixed.source_package(), "base");
  ASSERT_EQ(fixed.origins_size(), 1);
  EXPECT_EQ(fixed.origins(0).origin(), "base");
  EXPECT_TRUE(fixed.origins(0).security());

  // A fix that a later version has replaced is missing still.
  const v1::PendingUpdate superseded = rpm_update(facts, "superseded");
  EXPECT_EQ(superseded.candidate_version(), "1.2-1");
  EXPECT_EQ(superseded.security(), v1::SECURITY_YES);
  EXPECT_EQ(superseded.severity(), v1::ADVISORY_SEVERITY_CRITICAL);
  EXPECT_EQ(rpm_update(facts, "plain").security(), v1::SECURITY_NO);
  EXPECT_EQ(rpm_update(facts, "tilde").security(), v1::SECURITY_NO);
  // A repository without errata does not tell.
  EXPECT_EQ(rpm_update(facts, "vendor-tool").security(), v1::SECURITY_UNSPECIFIED);
  EXPECT_THAT(facts.repositories_without_errata(), ElementsAre("vendor"));
}

TEST_F(PackagesRpm, TellsWhatTheConfigurationLeavesOutAndWhatIsKeptBack) {
  const v1::PackageFacts facts = rpm_facts(world_.root());
  EXPECT_THAT(facts.excluded(), ElementsAre("left-out", "left-out-here", "locked"));
  EXPECT_THAT(facts.held(), ElementsAre("locked"));
  const v1::PendingUpdate locked = rpm_update(facts, "locked");
  EXPECT_FALSE(locked.would_install());
  EXPECT_EQ(locked.not_installed_because(), "locked by versionlock");
  EXPECT_EQ(locked.candidate_version(), "1.1-1");
  EXPECT_EQ(locked.security(), v1::SECURITY_YES);

  EXPECT_THAT(rpm_update(facts, "unmet").not_installed_because(), HasSubstr("kept back"));
  EXPECT_TRUE(rpm_update(facts, "needs-new").would_install());
  EXPECT_TRUE(rpm_update(facts, "needs-file").would_install()) << "the lists of files tell";
  EXPECT_TRUE(rpm_update(facts, "replaced").would_install());
  EXPECT_TRUE(rpm_update(facts, "kernel-core").would_install());
}

TEST_F(PackagesRpm, CountsAndNamesTheRest) {
  const v1::PackageFacts facts = rpm_facts(world_.root());
  EXPECT_EQ(facts.manager(), "rpm");
  EXPECT_EQ(facts.installed(), 19u);
  EXPECT_EQ(facts.obsolete(), 2u);     // gone, replaced
  EXPECT_EQ(facts.third_party(), 2u);  // vendor-tool, vendor-current
  EXPECT_TRUE(facts.lists_present());
  EXPECT_EQ(facts.lists_updated_source(), "repository base");
  EXPECT_TRUE(facts.has_lists_updated_at());
  ASSERT_EQ(facts.third_party_repositories_size(), 1);
  EXPECT_EQ(facts.third_party_repositories(0).name(), "vendor");
  EXPECT_EQ(facts.third_party_repositories(0).packages(), 2u);
  ASSERT_EQ(facts.repository_keys_size(), 2);
  EXPECT_EQ(facts.repository_keys(0).repository(), "base");
  EXPECT_EQ(facts.repository_keys(0).state(), v1::REPOSITORY_KEY_STATE_UNSIGNED);
  ASSERT_EQ(facts.kernels_size(), 1);
  EXPECT_EQ(facts.kernels(0).package(), "kernel-core");
  EXPECT_EQ(facts.kernels(0).release(), "5.14-1.x");
  EXPECT_EQ(facts.kernels(0).flavour(), "kernel");
}

TEST_F(PackagesRpm, FollowsTheConfigurationAsDnfDoes) {
  for (const char* setting : {"excludepkgs=kernel* fix?d\n", "includepkgs=plain superseded\n",
                              "excludepkgs=superseded-1.2\n", "obsoletes=0\n", "best=1\n"}) {
    world_.write("etc/dnf/dnf.conf", std::string("[main]\n") + setting);
    SCOPED_TRACE(setting);
    EXPECT_EQ(checked_by_probe(rpm_facts(world_.root())), checked_by_dnf(world_));
  }
  // unmet cannot be installed, and with "best" that ends it all.
  const v1::PackageFacts best = rpm_facts(world_.root());
  EXPECT_THAT(upgraded_by_probe(best), IsEmpty());
  EXPECT_EQ(upgraded_by_probe(best), upgraded_by_dnf(world_));
  EXPECT_THAT(rpm_update(best, "plain").not_installed_because(), HasSubstr("conflict"));
  for (const char* locks : {"locked-1.1-1\n", "!superseded-0:1.2-1.*\n", "replaced-1.0\nplain\n"}) {
    world_.write("etc/dnf/plugins/versionlock.list", locks);
    SCOPED_TRACE(locks);
    EXPECT_EQ(checked_by_probe(rpm_facts(world_.root())), checked_by_dnf(world_));
  }
}

}  // namespace
}  // namespace muster::test
