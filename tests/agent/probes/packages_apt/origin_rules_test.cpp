#include "agent/probes/packages_apt/origin_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace muster::packages_apt {
namespace {

using ::testing::ElementsAre;

TEST(SecurityOrigin, IsToldByLabelSuiteOrCodename) {
  const struct {
    AptOrigin origin;  // origin, label, suite, codename, site
    bool security;
  } cases[] = {
      {{"Debian", "Debian-Security", "stable-security", "bookworm-security", "mirror.example.org"},
       true},
      {{"Debian", "Debian-Security", "oldstable", "buster/updates", "security.debian.org"}, true},
      {{"Ubuntu", "Ubuntu", "jammy-security", "jammy", "archive.ubuntu.com"}, true},
      {{"UbuntuESM", "UbuntuESM", "jammy-infra-security", "jammy", "esm.ubuntu.com"}, true},
      {{"UbuntuESMApps", "UbuntuESMApps", "jammy-apps-security", "jammy", "esm.ubuntu.com"}, true},
      {{"Devuan", "Devuan-Security", "stable-security", "daedalus-security", ""}, true},
      {{"Acme mirror", "bookworm", "bookworm-security", "", "apt.acme.example"}, true},
      {{"", "security", "", "", ""}, true},
      {{"Debian", "Debian", "stable", "bookworm", "mirror.example.org"}, false},
      {{"Debian", "Debian", "stable-updates", "bookworm-updates", "mirror.example.org"}, false},
      {{"Debian Backports", "Debian Backports", "stable-backports", "bookworm-backports", ""},
       false},
      {{"Ubuntu", "Ubuntu", "jammy-updates", "jammy", "security.ubuntu.com"}, false},
      {{"UbuntuESM", "UbuntuESM", "jammy-infra-updates", "jammy", "esm.ubuntu.com"}, false},
      {{"Acme Security", "Acme Security Tools", "stable", "stable", "security.acme.example"},
       false},
      {{"", "insecurity", "", "", ""}, false},
      {{"", "", "", "", ""}, false},
  };
  for (const auto& [origin, security] : cases) {
    EXPECT_EQ(is_security_origin(origin), security)
        << origin.label << " " << origin.suite << " " << origin.codename;
  }
}

TEST(DistributionOrigin, IncludesTheAnnexesOfADistribution) {
  const std::set<std::string> distribution = {"Debian", "Ubuntu"};
  for (const char* name : {"Debian", "Ubuntu", "Debian Backports", "UbuntuESM", "UbuntuESMApps"}) {
    EXPECT_TRUE(is_distribution_origin({name, "", "", "", ""}, distribution)) << name;
  }
  for (const char* name : {"", "Docker", "LP-PPA-ubuntu", "DebianMultimedia", "Google LLC"}) {
    EXPECT_FALSE(is_distribution_origin({name, "", "", "", ""}, distribution)) << name;
  }
}

AptPackage base_files(std::vector<OfferedVersion> offers) {
  AptPackage package;
  package.name = "base-files";
  package.offers = std::move(offers);
  return package;
}

TEST(DistributionOrigin, IsWhoeverOffersTheInstalledBaseFiles) {
  AptSnapshot snapshot;
  snapshot.origins = {{"Kali", "", "", "", ""}, {"Other", "", "", "", ""}};
  snapshot.packages = {base_files({{.origins = {1}}, {.origins = {0}, .installed = true}})};
  EXPECT_THAT(distribution_origins(snapshot), ElementsAre("Kali"));
}

TEST(DistributionOrigin, IsWhoeverOffersAnyBaseFilesWhenTheInstalledOneIsGone) {
  AptSnapshot snapshot;
  snapshot.origins = {{"Kali", "", "", "", ""}};
  snapshot.packages = {base_files({{.origins = {0}}})};
  EXPECT_THAT(distribution_origins(snapshot), ElementsAre("Kali"));
}

TEST(DistributionOrigin, IsDebianOrUbuntuWhenNobodyTells) {
  EXPECT_THAT(distribution_origins({}), ElementsAre("Debian", "Ubuntu"));
}

}  // namespace
}  // namespace muster::packages_apt
