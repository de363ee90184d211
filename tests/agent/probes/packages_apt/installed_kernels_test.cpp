#include "agent/probes/packages_apt/installed_kernels.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/probes/packages_apt/version_order.h"
#include "tests/agent/probes/test_root.h"

namespace muster::packages_apt {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

AptPackage kernel(const std::string& release, const std::string& version,
                  const std::string& source = "linux-signed-amd64") {
  AptPackage package;
  package.name = "linux-image-" + release;
  package.architecture = "amd64";
  package.installed_version = version;
  package.source_package = source;
  return package;
}

class InstalledKernels : public ::testing::Test {
 protected:
  std::vector<std::string> releases_of(const std::vector<AptPackage>& packages) {
    std::vector<std::string> releases;
    for (const v1::InstalledKernel& installed : installed_kernels(
             root_.path(), "/var/lib/dpkg/status", packages, &compare_versions, problems_)) {
      releases.push_back(installed.flavour() + " " + installed.release());
    }
    return releases;
  }

  void write_files(const std::string& name, const std::string& files) const {
    root_.write("/var/lib/dpkg/info/" + name + ".list", files);
  }

  test::TestRoot root_;
  std::vector<std::string> problems_;
};

// 6.1.0-9 is older than 6.1.0-28, whatever their names say; and versions, not releases, tell.
TEST_F(InstalledKernels, AreInOrderOfTheirVersionsWithinEachFlavour) {
  EXPECT_THAT(
      releases_of({kernel("6.1.0-9-amd64", "6.1.27-1"), kernel("6.1.0-28-rt-amd64", "6.1.119-1"),
                   kernel("6.1.0-28-amd64", "6.1.119-1"),
                   kernel("6.9.7+bpo-amd64", "6.9.7-1~bpo12+1"),
                   kernel("6.1.0-29-amd64", "6.1.119-1~local1")}),
      ElementsAre("amd64 6.9.7+bpo-amd64", "amd64 6.1.0-28-amd64", "amd64 6.1.0-29-amd64",
                  "amd64 6.1.0-9-amd64", "rt-amd64 6.1.0-28-rt-amd64"));
  EXPECT_THAT(problems_, IsEmpty());
}

TEST_F(InstalledKernels, EveryFieldIsFilled) {
  const std::vector<v1::InstalledKernel> kernels =
      installed_kernels(root_.path(), "/var/lib/dpkg/status",
                        {kernel("6.1.0-28-amd64", "6.1.119-1")}, &compare_versions, problems_);
  ASSERT_EQ(kernels.size(), 1u);
  EXPECT_EQ(kernels[0].package(), "linux-image-6.1.0-28-amd64");
  EXPECT_EQ(kernels[0].version(), "6.1.119-1");
  EXPECT_EQ(kernels[0].release(), "6.1.0-28-amd64");
  EXPECT_EQ(kernels[0].flavour(), "amd64");
  EXPECT_EQ(kernels[0].build(), "6.1.119-1");
}

TEST_F(InstalledKernels, TheFilesOfAPackageCountForMoreThanItsName) {
  write_files("linux-image-current-rockchip64", "/boot/vmlinuz-6.1.50-current-rockchip64\n");
  write_files("linux-image-6.1.0-28-amd64:amd64", "/boot/vmlinuz-6.1.0-28-really\n");
  write_files("linux-image-6.1.0-99-amd64", "/usr/share/doc/linux-image-6.1.0-99-amd64\n");
  EXPECT_THAT(
      releases_of({kernel("current-rockchip64", "23.8.1", "linux-6.1.50"),
                   kernel("6.1.0-28-amd64", "6.1.119-1"), kernel("6.1.0-99-amd64", "6.1.200-1"),
                   kernel("amd64", "6.1.119-1")}),
      ElementsAre("current-rockchip64 6.1.50-current-rockchip64", "really 6.1.0-28-really"));
}

TEST_F(InstalledKernels, AListOfFilesThatCannotBeReadIsSaid) {
  write_files("linux-image-6.1.0-28-amd64", std::string(kLargestFileList + 1, '\n'));
  EXPECT_THAT(releases_of({kernel("6.1.0-28-amd64", "6.1.119-1")}),
              ElementsAre("amd64 6.1.0-28-amd64"));
  EXPECT_THAT(problems_,
              ElementsAre(HasSubstr("linux-image-6.1.0-28-amd64.list could not be read")));
}

TEST_F(InstalledKernels, NoMoreThanItsBoundAreLookedAt) {
  std::vector<AptPackage> packages;
  for (size_t i = 0; i <= kMostKernels; ++i)
    packages.push_back(kernel(fmt::format("6.1.0-{}-amd64", i), "6.1.1-1"));
  EXPECT_EQ(releases_of(packages).size(), kMostKernels);
  EXPECT_THAT(problems_, ElementsAre(HasSubstr("only the first 200 packages")));
}

}  // namespace
}  // namespace muster::packages_apt
