#include "agent/probes/packages_apt/package_report.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace muster::packages_apt {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr size_t kDebian = 0;
constexpr size_t kSecurity = 1;
constexpr size_t kVendor = 2;

AptSnapshot snapshot_of(std::vector<AptPackage> packages) {
  AptSnapshot snapshot;
  snapshot.origins = {{"Debian", "Debian", "stable", "bookworm", "mirror.example.org"},
                      {"Debian", "Debian-Security", "stable-security", "bookworm-security", ""},
                      {"Vendor", "Vendor", "", "", "apt.vendor.example"}};
  snapshot.packages = std::move(packages);
  snapshot.lists_present = true;
  return snapshot;
}

AptPackage installed(const std::string& name, std::vector<OfferedVersion> offers = {}) {
  AptPackage package;
  package.name = name;
  package.architecture = "amd64";
  package.display_name = name;
  package.installed_version = "1.0";
  package.offers = std::move(offers);
  return package;
}

AptPackage waiting(const std::string& name, PlannedAction action = PlannedAction::kInstall) {
  AptPackage package = installed(name, {{.origins = {kDebian}, .pending = true}});
  AptUpdate& update = package.update.emplace();
  update.version = "1.1";
  update.source_package = "source-of-" + name;
  update.origins = {kDebian};
  update.action = action;
  return package;
}

TEST(PackageReport, SaysZeroWhenNothingWaits) {
  const v1::PackageFacts facts = report(snapshot_of({}), {});
  EXPECT_EQ(facts.manager(), "apt");
  EXPECT_EQ(facts.installed(), 0u);
  EXPECT_EQ(facts.pending_updates_size(), 0);
  EXPECT_TRUE(facts.lists_present());
  EXPECT_FALSE(facts.has_lists_updated_at());
}

TEST(PackageReport, CarriesEveryFieldOfAnUpdate) {
  const v1::PackageFacts facts = report(snapshot_of({waiting("libfoo2")}), {});
  ASSERT_EQ(facts.pending_updates_size(), 1);
  const v1::PendingUpdate& update = facts.pending_updates(0);
  EXPECT_EQ(update.package(), "libfoo2");
  EXPECT_EQ(update.architecture(), "amd64");
  EXPECT_EQ(update.source_package(), "source-of-libfoo2");
  EXPECT_EQ(update.installed_version(), "1.0");
  EXPECT_EQ(update.candidate_version(), "1.1");
  ASSERT_EQ(update.origins_size(), 1);
  EXPECT_EQ(update.origins(0).suite(), "stable");
  EXPECT_EQ(update.origins(0).site(), "mirror.example.org");
  EXPECT_EQ(update.security(), v1::SECURITY_NO);
  EXPECT_TRUE(update.would_install());
  EXPECT_EQ(update.not_installed_because(), "");
}

TEST(PackageReport, OrdersByNameAndArchitectureInBytes) {
  AptPackage foreign = waiting("b");
  foreign.architecture = "i386";
  AptSnapshot snapshot = snapshot_of({waiting("c"), foreign, waiting("b"), waiting("a")});
  snapshot.packages[0].offers[0].origins = {kSecurity};  // security changes no order
  const v1::PackageFacts facts = report(snapshot, {});
  std::vector<std::string> order;
  for (const v1::PendingUpdate& update : facts.pending_updates())
    order.push_back(update.package() + ":" + update.architecture());
  EXPECT_THAT(order, ElementsAre("a:amd64", "b:amd64", "b:i386", "c:amd64"));
}

TEST(PackageReport, ASecurityFixThatANewerVersionReplacedIsStillMissing) {
  AptPackage package = waiting("openssl");
  package.offers = {{.origins = {kDebian}, .pending = true},
                    {.origins = {kSecurity}, .pending = true},
                    {.origins = {kDebian}, .installed = true}};
  const v1::PackageFacts facts = report(snapshot_of({package}), {});
  EXPECT_EQ(facts.pending_updates(0).security(), v1::SECURITY_YES);
  EXPECT_FALSE(facts.pending_updates(0).origins(0).security());
}

TEST(PackageReport, ASecurityFixThatIsInstalledIsNotMissing) {
  AptPackage package = waiting("openssl");
  package.offers = {{.origins = {kDebian}, .pending = true},
                    {.origins = {kSecurity}, .installed = true}};
  EXPECT_EQ(report(snapshot_of({package}), {}).pending_updates(0).security(), v1::SECURITY_NO);
}

TEST(PackageReport, OneRepositoryInSeveralFilesIsOneOrigin) {
  AptSnapshot snapshot = snapshot_of({waiting("a")});
  snapshot.origins.push_back(snapshot.origins[kDebian]);
  snapshot.packages[0].update->origins = {kDebian, kSecurity, 3};
  EXPECT_EQ(report(snapshot, {}).pending_updates(0).origins_size(), 2);
}

TEST(PackageReport, SaysWhyAnUpdateWouldNotBeInstalled) {
  AptPackage held = waiting("a", PlannedAction::kKeep);
  held.held = true;
  AptPackage phased = waiting("a", PlannedAction::kKeep);
  phased.update->phased_percentage = 20;
  AptPackage phased_in = waiting("a", PlannedAction::kInstall);
  phased_in.update->phased_percentage = 20;
  AptPackage unmet = waiting("a", PlannedAction::kKeep);
  unmet.update->unmet_dependency = "libbar3 (>= 3.1)";
  const struct {
    AptPackage package;
    std::string upgrade_error;
    std::string reason;
  } cases[] = {
      {waiting("a"), "", ""},
      {phased_in, "", ""},
      {held, "", "held"},
      {phased, "", "phased (20 %)"},
      {unmet, "", "kept back: it needs libbar3 (>= 3.1), which is not available"},
      {waiting("a", PlannedAction::kKeep), "", "kept back"},
      {waiting("a", PlannedAction::kRemove), "", "the upgrade would remove the package"},
      {waiting("a"), "unmet dependencies", "apt-get dist-upgrade would stop: unmet dependencies"},
      {held, "unmet dependencies", "held"},
  };
  for (const auto& [package, upgrade_error, reason] : cases) {
    EXPECT_EQ(why_not_installed(package, upgrade_error), reason);
  }
}

TEST(PackageReport, CountsHeldBrokenObsoleteAndThirdParty) {
  AptPackage held = installed("held", {{.origins = {kDebian}, .installed = true}});
  held.held = true;
  held.display_name = "held:i386";
  AptPackage broken = installed("broken", {{.origins = {kDebian}, .installed = true}});
  broken.fully_installed = false;
  const AptPackage from_both =
      installed("both", {{.origins = {kVendor, kDebian}, .installed = true}});
  const AptPackage from_vendor =
      installed("vendor", {{.origins = {kVendor}, .installed = true}, {.origins = {kDebian}}});
  const AptPackage vendor_went_on = installed("went-on", {{.origins = {kVendor}}});
  const AptPackage distribution_went_on = installed("old", {{.origins = {kVendor, kDebian}}});
  const v1::PackageFacts facts =
      report(snapshot_of({held, broken, from_both, from_vendor, vendor_went_on,
                          distribution_went_on, installed("gone")}),
             {});
  EXPECT_EQ(facts.installed(), 7u);
  EXPECT_THAT(facts.held(), ElementsAre("held:i386"));
  EXPECT_THAT(facts.broken(), ElementsAre("broken"));
  EXPECT_EQ(facts.obsolete(), 1u);
  EXPECT_EQ(facts.third_party(), 2u);
}

TEST(PackageReport, BeyondItsBoundKeepsTheSecurityUpdatesAndSaysSo) {
  std::vector<AptPackage> packages;
  for (int i = 0; i < kMostUpdates; ++i)
    packages.push_back(waiting(fmt::format("a{:05}", i)));
  packages.push_back(waiting("zzz-last"));
  packages.back().offers[0].origins = {kSecurity};
  const v1::PackageFacts facts = report(snapshot_of(std::move(packages)), {});
  ASSERT_EQ(facts.pending_updates_size(), kMostUpdates);
  EXPECT_EQ(facts.pending_updates(kMostUpdates - 1).package(), "zzz-last");
  EXPECT_THAT(facts.problems(), ElementsAre("only 5000 of 5001 pending updates are listed"));
}

TEST(PackageReport, BoundsNamesOriginsAndProblems) {
  AptSnapshot snapshot = snapshot_of({waiting(std::string(4 * kLongestName, 'x'))});
  for (int i = 0; i <= kMostOriginsOfUpdate; ++i) {
    snapshot.packages[0].update->origins.push_back(snapshot.origins.size());
    snapshot.origins.push_back({fmt::format("Origin {}", i), "", "", "", ""});
  }
  for (int i = 0; i <= kMostNames; ++i) {
    snapshot.packages.push_back(installed(fmt::format("held{}", i)));
    snapshot.packages.back().held = true;
  }
  for (int i = 0; i <= kMostProblems; ++i)
    snapshot.problems.push_back("something");
  const v1::PackageFacts facts = report(snapshot, {});
  EXPECT_LE(facts.pending_updates(0).package().size(), kLongestName);
  EXPECT_EQ(facts.pending_updates(0).origins_size(), kMostOriginsOfUpdate);
  EXPECT_EQ(facts.held_size(), kMostNames);
  EXPECT_EQ(facts.problems(0), "only 2000 of 2001 held packages are listed");
  EXPECT_THAT(facts.problems(facts.problems_size() - 1), HasSubstr("51 problems in all"));
  EXPECT_LE(facts.problems_size(), kMostProblems + 1);
}

TEST(PackageReport, MakesHostileTextHarmless) {
  AptPackage package = waiting("evil\n\x1b[2J\xff");
  const v1::PackageFacts facts = report(snapshot_of({package}), {});
  EXPECT_EQ(facts.pending_updates(0).package().find_first_of("\n\x1b"), std::string::npos);
  EXPECT_FALSE(facts.SerializeAsString().empty());
}

TEST(ListsAge, IsThatOfTheFirstSourceThatTells) {
  google::protobuf::Timestamp early;
  early.set_seconds(1'700'000'000);
  google::protobuf::Timestamp late;
  late.set_seconds(1'800'000'000);
  const google::protobuf::Timestamp reset;  // 1970
  const ListsAge age =
      first_that_tells({{"a", std::nullopt}, {"b", reset}, {"c", early}, {"d", late}});
  EXPECT_EQ(age.source, "c");
  EXPECT_EQ(age.updated_at->seconds(), 1'700'000'000);
  EXPECT_FALSE(first_that_tells({{"a", std::nullopt}, {"b", reset}}).updated_at);
  const v1::PackageFacts facts = report(snapshot_of({}), age);
  EXPECT_EQ(facts.lists_updated_source(), "c");
  EXPECT_EQ(facts.lists_updated_at().seconds(), 1'700'000'000);
}

}  // namespace
}  // namespace muster::packages_apt
