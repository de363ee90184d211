#include "agent/probes/package_families.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/agent/probes/test_root.h"

namespace muster::probe {
namespace {

using ::testing::HasSubstr;

struct System {
  const char* os_release;
  std::optional<PackageFamily> family;
};

constexpr System kSystems[] = {
    {"ID=debian\n", PackageFamily::kDpkg},
    {"ID=ubuntu\nID_LIKE=debian\n", PackageFamily::kDpkg},
    {"ID=linuxmint\nID_LIKE=\"ubuntu debian\"\n", PackageFamily::kDpkg},
    {"ID=\"rhel\"\nID_LIKE=\"fedora\"\n", PackageFamily::kRpm},
    {"ID=\"centos\"\n", PackageFamily::kRpm},
    {"ID=fedora\n", PackageFamily::kRpm},
    {"ID=\"rocky\"\nID_LIKE=\"rhel centos fedora\"\n", PackageFamily::kRpm},
    {"ID=\"almalinux\"\n", PackageFamily::kRpm},
    {"ID=\"ol\"\nID_LIKE=\"fedora\"\n", PackageFamily::kRpm},
    {"ID=\"amzn\"\n", PackageFamily::kRpm},
    {"ID=\"sles\"\nID_LIKE=\"suse\"\n", PackageFamily::kRpm},
    {"ID=\"sle-micro\"\n", PackageFamily::kRpm},
    {"ID=\"opensuse-leap\"\n", PackageFamily::kRpm},
    {"ID=mageia\n", PackageFamily::kRpm},
    {"ID=photon\n", PackageFamily::kRpm},
    {"ID=azurelinux\n", PackageFamily::kRpm},
    {"ID=\"openEuler\"\n", PackageFamily::kRpm},
    {"ID=nobody-knows\nID_LIKE=fedora\n", PackageFamily::kRpm},
    {"ID=alpine\n", PackageFamily::kApk},
    {"ID=postmarketos\nID_LIKE=\"alpine\"\n", PackageFamily::kApk},
    {"ID=wolfi\n", PackageFamily::kApk},
    {"ID=arch\n", std::nullopt},
    {"ID=nixos\n", std::nullopt},
    {"ID=fedoral\nNAME=fedora\n", std::nullopt},
    {"", std::nullopt},
};

TEST(PackageFamilies, AreToldByTheNameThatASystemGivesItself) {
  for (const System& system : kSystems) {
    for (const PackageFamily family :
         {PackageFamily::kDpkg, PackageFamily::kRpm, PackageFamily::kApk}) {
      EXPECT_EQ(is_of_family(parse_os_release(system.os_release), family), system.family == family)
          << system.os_release;
    }
  }
}

TEST(PackageFamilies, MissADatabaseWhereTheSystemMustHaveOne) {
  const test::TestRoot root;
  const auto missed = [&](PackageFamily family) {
    return why_database_is_missed(root.path(), family, "/a/database");
  };
  EXPECT_EQ(missed(PackageFamily::kRpm), "") << "without a name";
  root.write("/usr/lib/os-release", "ID=rocky\n");
  EXPECT_EQ(missed(PackageFamily::kRpm),
            "there is no /a/database, which every system of this kind has (os-release says rocky): "
            "is all of it mounted?");
  EXPECT_EQ(missed(PackageFamily::kDpkg), "");
  // That of the administrator counts first.
  root.write("/etc/os-release", "ID=debian\n");
  EXPECT_EQ(missed(PackageFamily::kRpm), "");
  EXPECT_THAT(missed(PackageFamily::kDpkg), HasSubstr("os-release says debian"));
}

}  // namespace
}  // namespace muster::probe
