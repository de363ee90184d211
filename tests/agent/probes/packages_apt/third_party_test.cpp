#include "agent/probes/packages_apt/third_party.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/probes/packages_apt/package_report.h"

namespace muster::packages_apt {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const AptOrigin main_origin = {"Debian", "Debian", "stable", "bookworm", "mirror.example.org"};
const AptOrigin fixes = {"Debian", "Debian-Security", "stable-security", "bookworm-security", ""};
const AptOrigin backports = {"Debian Backports", "Debian Backports", "", "", ""};
const AptOrigin docker = {"Docker", "Docker CE", "bookworm", "", "download.docker.example"};
const AptOrigin vendor = {"Vendor", "Vendor", "stable", "", "apt.vendor.example"};
const AptOrigin vendor_fixes = {"Vendor", "Vendor", "stable-security", "", "apt.vendor.example"};
const AptOrigin nameless = {"", "", "", "", "files.example.org"};

AptSnapshot snapshot_of(std::vector<AptOrigin> origins) {
  AptSnapshot snapshot;
  snapshot.origins = std::move(origins);
  for (const AptOrigin& origin : snapshot.origins)
    snapshot.lists.push_back({origin, "main"});
  snapshot.lists_present = true;
  return snapshot;
}

AptPackage installed_from(std::vector<size_t> origins) {
  AptPackage package;
  package.name = "tool";
  package.offers = {{.origins = std::move(origins), .installed = true}};
  return package;
}

// Version 1.1 waits, and `origins` offer it.
AptPackage waiting_from(std::vector<size_t> origins) {
  AptPackage package;
  package.name = "tool";
  package.offers = {{.origins = origins, .pending = true}};
  package.update.emplace().origins = std::move(origins);
  return package;
}

TEST(ThirdParty, AnUpdateTellsWhatItIsForIfItsSourceHasAPlaceForSecurity) {
  const AptSnapshot snapshot =
      snapshot_of({main_origin, fixes, backports, docker, vendor, vendor_fixes, nameless});
  const std::set<std::string> telling = telling_origins(snapshot, {"Debian"});
  EXPECT_THAT(telling, ElementsAre("Debian", "Vendor"));
  const struct {
    std::vector<size_t> origins;
    v1::Security security;
  } cases[] = {
      {{0}, v1::SECURITY_NO}, {{1}, v1::SECURITY_YES},         {{0, 1}, v1::SECURITY_YES},
      {{2}, v1::SECURITY_NO}, {{3}, v1::SECURITY_UNSPECIFIED}, {{0, 3}, v1::SECURITY_NO},
      {{4}, v1::SECURITY_NO}, {{5}, v1::SECURITY_YES},         {{6}, v1::SECURITY_UNSPECIFIED},
  };
  for (const auto& [origins, security] : cases) {
    EXPECT_EQ(security_of(snapshot, waiting_from(origins), telling), security)
        << snapshot.origins[origins.back()].origin;
  }
}

// Docker's newer version replaces Debian's fix: the fix is missing all the same.
TEST(ThirdParty, AFixBelowACandidateOfAThirdPartyCounts) {
  const AptSnapshot snapshot = snapshot_of({main_origin, fixes, docker});
  AptPackage package = waiting_from({2});
  package.offers.push_back({.origins = {1}, .pending = true});
  EXPECT_EQ(security_of(snapshot, package, {"Debian"}), v1::SECURITY_YES);
}

TEST(ThirdParty, RepositoriesAreListedWithWhatIsInstalledFromThem) {
  AptSnapshot snapshot = snapshot_of({main_origin, fixes, docker, vendor, vendor_fixes, nameless});
  AptPackage base = installed_from({0});
  base.name = "base-files";
  snapshot.packages = {base, installed_from({2}), installed_from({2}), installed_from({0, 3}),
                       installed_from({3, 5})};
  v1::PackageFacts facts;
  fill_repositories(snapshot, {"Debian"}, facts);
  std::vector<std::string> repositories;
  for (const v1::ThirdPartyRepository& one : facts.third_party_repositories())
    repositories.push_back(fmt::format("{} {} {}", one.name(), one.site(), one.packages()));
  EXPECT_THAT(repositories,
              ElementsAre("Docker download.docker.example 2", "Vendor apt.vendor.example 1",
                          "files.example.org files.example.org 1"));
  EXPECT_THAT(facts.repositories_without_errata(), ElementsAre("Docker", "files.example.org"));
}

TEST(ThirdParty, NothingIsListedWhereAllIsTheDistributions) {
  v1::PackageFacts facts;
  fill_repositories(snapshot_of({main_origin, fixes, backports}), {"Debian"}, facts);
  EXPECT_THAT(facts.third_party_repositories(), IsEmpty());
  EXPECT_THAT(facts.repositories_without_errata(), IsEmpty());
}

TEST(ThirdParty, NoMoreThanTheirBoundAreListed) {
  std::vector<AptOrigin> origins = {main_origin};
  for (int i = 0; i <= kMostRepositoriesListed; ++i)
    origins.push_back({fmt::format("Vendor {:04}", i), "", "", "", ""});
  v1::PackageFacts facts;
  fill_repositories(snapshot_of(origins), {"Debian"}, facts);
  EXPECT_EQ(facts.third_party_repositories_size(), kMostRepositoriesListed);
  EXPECT_EQ(facts.repositories_without_errata_size(), kMostRepositoriesListed);
  EXPECT_THAT(facts.problems(),
              Contains(HasSubstr("only 200 of 201 third-party repositories are listed")));
}

TEST(ThirdParty, HostileNamesAreHarmless) {
  EXPECT_EQ(repository_name({"evil\n\x1b[2J", "", "", "", ""}), "evil\\x0a\\x1b[2J");
  EXPECT_LE(repository_name({std::string(4096, 'x'), "", "", "", ""}).size(), kLongestName);
  EXPECT_EQ(repository_name({}), "without a name");
}

}  // namespace
}  // namespace muster::packages_apt
