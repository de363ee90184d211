// The pure parts: locks, words, vendors, architectures, names of kernels' images, and the report.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/probes/packages_rpm/advisory_words.h"
#include "agent/probes/packages_rpm/base_architecture.h"
#include "agent/probes/packages_rpm/package_locks.h"
#include "agent/probes/packages_rpm/package_report.h"
#include "agent/probes/packages_rpm/vendor_rules.h"

namespace muster::packages_rpm {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(DnfLocks, AreOneALineWithoutComments) {
  const auto locks = dnf_locks("# of 2026\n\n bash-0:5.1-1.* \n!kernel-core-5.14\n!\n");
  ASSERT_EQ(locks.size(), 2u);
  EXPECT_EQ(locks[0].pattern, "bash-0:5.1-1.*");
  EXPECT_FALSE(locks[0].excludes_it);
  EXPECT_EQ(locks[1].pattern, "kernel-core-5.14");
  EXPECT_TRUE(locks[1].excludes_it);
}

TEST(DnfLocks, AreBounded) {
  std::string text;
  for (size_t i = 0; i <= kMostLocks; ++i)
    text += fmt::format("p{}\n", i);
  EXPECT_EQ(dnf_locks(text).size(), kMostLocks);
}

TEST(ZypperLocks, OfPackagesByNameCountAndOthersAreCounted) {
  size_t others = 0;
  const auto locks = zypper_locks(
      "\ntype: package\nmatch_type: glob\ncase_sensitive: on\nsolvable_name: kernel-*\n\n"
      "type: patch\nsolvable_name: SUSE-1\n\n"
      "type: package\nsolvable_name: vim\nversion: < 9\n\nsolvable_name: bash",
      others);
  ASSERT_EQ(locks.size(), 2u);
  EXPECT_EQ(locks[0].pattern, "kernel-*");
  EXPECT_EQ(locks[1].pattern, "bash");
  EXPECT_EQ(others, 2u);
  EXPECT_THAT(zypper_locks("", others), IsEmpty());
  EXPECT_EQ(others, 0u);
}

TEST(AdvisoryWords, AreThoseOfEachDistribution) {
  EXPECT_EQ(severity_of("Critical"), v1::ADVISORY_SEVERITY_CRITICAL);
  EXPECT_EQ(severity_of("IMPORTANT"), v1::ADVISORY_SEVERITY_IMPORTANT);
  EXPECT_EQ(severity_of("high"), v1::ADVISORY_SEVERITY_IMPORTANT);
  EXPECT_EQ(severity_of("medium"), v1::ADVISORY_SEVERITY_MODERATE);
  EXPECT_EQ(severity_of("low"), v1::ADVISORY_SEVERITY_LOW);
  EXPECT_EQ(severity_of("None"), v1::ADVISORY_SEVERITY_UNSPECIFIED);
  EXPECT_EQ(severity_of(""), v1::ADVISORY_SEVERITY_UNSPECIFIED);
}

TEST(VendorRules, CountSusesAsOneAndUsersAsTheirOwn) {
  EXPECT_EQ(vendor_class("SUSE LLC <https://www.suse.com/>"), vendor_class("openSUSE"));
  EXPECT_NE(vendor_class("obs://build.opensuse.org/home:someone"), vendor_class("openSUSE"));
  EXPECT_EQ(vendor_class("Red Hat, Inc."), vendor_class("Red Hat, Inc."));
  EXPECT_NE(vendor_class("Fedora Project"), vendor_class("Red Hat, Inc."));
}

TEST(BaseArchitecture, IsDnfs) {
  EXPECT_EQ(base_architecture("i686"), "i386");
  EXPECT_EQ(base_architecture("x86_64"), "x86_64");
  EXPECT_EQ(base_architecture("aarch64"), "aarch64");
  EXPECT_EQ(base_architecture("armv7hl"), "armhfp");
}

google::protobuf::Timestamp at(int64_t seconds) {
  google::protobuf::Timestamp timestamp;
  timestamp.set_seconds(seconds);
  return timestamp;
}

RpmPackage waiting(const std::string& name, size_t advisories, v1::AdvisoryKind kind) {
  RpmPackage package{name, "noarch", "1.0-1", "Example", {}, {}, {}};
  RpmUpdate& update = package.update.emplace();
  update.version = "1.1-1";
  update.planned = true;
  for (size_t i = 0; i < advisories; ++i) {
    v1::Advisory& advisory = update.advisories.emplace_back();
    advisory.set_id(fmt::format("A-{}", i));
    advisory.set_kind(kind);
    advisory.set_severity(v1::ADVISORY_SEVERITY_LOW);
    for (int cve = 0; cve < 100; ++cve)
      advisory.add_cves(fmt::format("CVE-2026-{:05}", cve));
  }
  return package;
}

TEST(RpmReport, TakesTheOldestOfThoseThatAreAskedOften) {
  RpmSnapshot snapshot;
  snapshot.repositories = {{"release", "", true, true, {}, at(100), true},
                           {"updates", "", true, true, {}, at(300), false},
                           {"extras", "", true, true, {}, at(200), false},
                           {"missing", "", false, false, {}, {}, false}};
  v1::PackageFacts facts = report(snapshot);
  EXPECT_EQ(facts.lists_updated_at().seconds(), 200);
  EXPECT_EQ(facts.lists_updated_source(), "repository extras");
  EXPECT_TRUE(facts.lists_present());
  snapshot.repositories.resize(1);
  facts = report(snapshot);
  EXPECT_EQ(facts.lists_updated_at().seconds(), 100);
  snapshot.repositories.clear();
  facts = report(snapshot);
  EXPECT_FALSE(facts.lists_present());
  EXPECT_FALSE(facts.has_lists_updated_at());
}

TEST(RpmReport, ListsSecurityUpdatesFirstWhereThereAreTooMany) {
  RpmSnapshot snapshot;
  for (size_t i = 0; i < kMostUpdates; ++i)
    snapshot.packages.push_back(waiting(fmt::format("a{:05}", i), 0, {}));
  snapshot.packages.push_back(waiting("zlib", 1, v1::ADVISORY_KIND_SECURITY));
  const v1::PackageFacts facts = report(snapshot);
  EXPECT_EQ(facts.installed(), kMostUpdates + 1);
  ASSERT_EQ(facts.pending_updates_size(), static_cast<int>(kMostUpdates));
  EXPECT_EQ(facts.pending_updates(facts.pending_updates_size() - 1).package(), "zlib");
  EXPECT_THAT(facts.problems(), ElementsAre("only 5000 of 5001 pending updates are listed"));
}

TEST(RpmReport, KeepsSecurityAndSeverityWhereAdvisoriesAreTooMany) {
  RpmSnapshot snapshot;
  for (int i = 0; i < 60; ++i) {
    snapshot.packages.push_back(waiting(fmt::format("p{:02}", i), 30, v1::ADVISORY_KIND_SECURITY));
  }
  const v1::PackageFacts facts = report(snapshot);
  EXPECT_LT(facts.ByteSizeLong(), 3u << 20);
  EXPECT_EQ(facts.pending_updates(0).advisories_size(), 0);
  EXPECT_EQ(facts.pending_updates(0).security(), v1::SECURITY_YES);
  EXPECT_EQ(facts.pending_updates(0).severity(), v1::ADVISORY_SEVERITY_LOW);
  EXPECT_GT(facts.pending_updates(59).advisories_size(), 0);
  ASSERT_EQ(facts.problems_size(), 1);
  EXPECT_THAT(facts.problems(0), HasSubstr("advisories of"));
}

TEST(RpmReport, NamesNobodyAThirdPartyWhereNoPackageSaysWhichDistributionThisIs) {
  RpmSnapshot snapshot;
  snapshot.repositories = {{"vendor", "example.org", true, true, {"Vendor"}, at(1), false}};
  snapshot.packages = {{"tool", "noarch", "1-1", "Vendor", {0}, {0}, {}}};
  EXPECT_EQ(report(snapshot).third_party(), 0u);
  snapshot.distribution_vendor = "Example Linux";
  const v1::PackageFacts facts = report(snapshot);
  EXPECT_EQ(facts.third_party(), 1u);
  ASSERT_EQ(facts.third_party_repositories_size(), 1);
  EXPECT_EQ(facts.third_party_repositories(0).site(), "example.org");
}

TEST(RpmReport, MakesNamesOfOthersSafeToShow) {
  RpmSnapshot snapshot;
  snapshot.packages = {waiting("evil\x1b[2J" + std::string(500, 'x'), 0, {})};
  const v1::PackageFacts facts = report(snapshot);
  EXPECT_THAT(facts.pending_updates(0).package(), HasSubstr("evil\\x1b[2J"));
  EXPECT_LE(facts.pending_updates(0).package().size(), kLongestName);
}

}  // namespace
}  // namespace muster::packages_rpm
