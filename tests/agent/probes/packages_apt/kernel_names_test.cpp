#include "agent/probes/packages_apt/kernel_names.h"

#include <gtest/gtest.h>

namespace muster::packages_apt {
namespace {

TEST(KernelNames, ReleaseFlavourAndBuildAreToldForEachDistribution) {
  const struct {
    std::string package;
    std::string source;
    std::string version;
    std::string release;
    std::string flavour;
    std::string build;
  } cases[] = {
      {"linux-image-6.1.0-28-amd64", "linux-signed-amd64", "6.1.119-1", "6.1.0-28-amd64", "amd64",
       "6.1.119-1"},
      {"linux-image-6.1.0-28-amd64-unsigned", "linux", "6.1.119-1", "6.1.0-28-amd64", "amd64",
       "6.1.119-1"},
      {"linux-image-6.1.0-28-rt-amd64", "linux-signed-amd64", "6.1.119-1", "6.1.0-28-rt-amd64",
       "rt-amd64", "6.1.119-1"},
      {"linux-image-6.1.0-28-cloud-amd64", "linux-signed-amd64", "6.1.119-1",
       "6.1.0-28-cloud-amd64", "cloud-amd64", "6.1.119-1"},
      {"linux-image-6.1.0-28-686-pae", "linux-signed-i386", "6.1.119-1", "6.1.0-28-686-pae",
       "686-pae", "6.1.119-1"},
      {"linux-image-6.1.0-28-686", "linux-signed-i386", "6.1.119-1", "6.1.0-28-686", "686",
       "6.1.119-1"},
      {"linux-image-6.1.0-28-4kc-malta", "linux", "6.1.119-1", "6.1.0-28-4kc-malta", "4kc-malta",
       "6.1.119-1"},
      // Backports, of the old and of the new kind of release.
      {"linux-image-6.1.0-0.deb11.21-amd64", "linux-signed-amd64", "6.1.90-1~bpo11+1",
       "6.1.0-0.deb11.21-amd64", "amd64", "6.1.90-1~bpo11+1"},
      {"linux-image-6.12.9+bpo-amd64", "linux-signed-amd64", "6.12.9-1~bpo12+1", "6.12.9+bpo-amd64",
       "amd64", "6.12.9-1~bpo12+1"},
      {"linux-image-6.12.9+bpo-686-pae", "linux-signed-i386", "6.12.9-1~bpo12+1",
       "6.12.9+bpo-686-pae", "686-pae", "6.12.9-1~bpo12+1"},
      {"linux-image-6.7-rc3-amd64", "linux", "6.7~rc3-1~exp1", "6.7-rc3-amd64", "amd64",
       "6.7~rc3-1~exp1"},
      {"linux-image-6.6.51+rpt-rpi-v8", "linux", "1:6.6.51-1+rpt3", "6.6.51+rpt-rpi-v8", "rpi-v8",
       "1:6.6.51-1+rpt3"},
      {"linux-image-5.15.0-91-generic", "linux-signed", "5.15.0-91.101", "5.15.0-91-generic",
       "generic", "101-Ubuntu"},
      {"linux-image-unsigned-5.15.0-91-generic", "linux", "5.15.0-91.101", "5.15.0-91-generic",
       "generic", "101-Ubuntu"},
      {"linux-image-5.15.0-91-lowlatency", "linux-signed-lowlatency", "5.15.0-91.101",
       "5.15.0-91-lowlatency", "lowlatency", "101-Ubuntu"},
      {"linux-image-6.8.0-52-generic", "linux-signed-hwe-6.8", "6.8.0-52.53~22.04.1",
       "6.8.0-52-generic", "generic-hwe-22.04", "53~22.04.1-Ubuntu"},
      {"linux-image-6.8.0-52-lowlatency", "linux-signed-lowlatency-hwe-6.8",
       "6.8.0-52.53.1~22.04.1", "6.8.0-52-lowlatency", "lowlatency-hwe-22.04",
       "53.1~22.04.1-Ubuntu"},
      // Built again as well, but the ordinary kernel of its cloud.
      {"linux-image-6.8.0-1021-aws", "linux-signed-aws-6.8", "6.8.0-1021.23~22.04.1",
       "6.8.0-1021-aws", "aws", "23~22.04.1-Ubuntu"},
      {"proxmox-kernel-6.8.12-4-pve-signed", "proxmox-kernel-signed-6.8", "6.8.12-4",
       "6.8.12-4-pve", "pve", ""},
      {"pve-kernel-5.15.131-1-pve", "pve-kernel", "5.15.131-2", "5.15.131-1-pve", "pve", ""},
      {"linux-image-6.1.5-mine", "linux-upstream", "6.1.5-1", "6.1.5-mine", "mine", ""},
  };
  for (const auto& test : cases) {
    SCOPED_TRACE(test.package);
    EXPECT_TRUE(may_bring_kernel(test.package));
    EXPECT_EQ(release_in_name(test.package), test.release);
    EXPECT_EQ(kernel_flavour(test.release, test.source, test.version), test.flavour);
    EXPECT_EQ(kernel_build(test.release, test.source, test.version), test.build);
  }
}

TEST(KernelNames, APackageThatOnlyDependsOnAKernelNamesNone) {
  for (const char* package :
       {"linux-image-amd64", "linux-image-rt-amd64", "linux-image-generic-hwe-22.04",
        "linux-image-6.1.0-28-amd64-dbg", "proxmox-kernel-6.8", "proxmox-kernel-helper",
        "pve-kernel-5.15", "linux-headers-6.1.0-28-amd64", "linux-modules-5.15.0-91-generic",
        "linux-image-", ""}) {
    EXPECT_EQ(release_in_name(package), "") << package;
  }
  EXPECT_FALSE(may_bring_kernel("linux-headers-6.1.0-28-amd64"));
  EXPECT_FALSE(may_bring_kernel("linux-image-"));
}

TEST(KernelNames, TheFilesOfAPackageTellTheRelease) {
  const struct {
    std::string files;
    std::string release;
  } cases[] = {
      {"/.\n/boot\n/boot/System.map-6.1.0-28-amd64\n/boot/vmlinuz-6.1.0-28-amd64\n/lib\n",
       "6.1.0-28-amd64"},
      {"/boot/vmlinux-6.1.0-28-powerpc64le", "6.1.0-28-powerpc64le"},
      {"/usr/lib/modules/6.12.9-amd64/vmlinuz\n", "6.12.9-amd64"},
      {"/lib/modules/6.12.9-amd64/kernel/vmlinuz\n", ""},
      {"/lib/modules/vmlinuz\n", ""},
      // What only depends on a kernel, and the symbols of one.
      {"/.\n/usr/share/doc/linux-image-amd64/copyright\n", ""},
      {"/usr/lib/debug/boot/vmlinux-6.1.0-28-amd64\n", ""},
      {"", ""},
  };
  for (const auto& test : cases)
    EXPECT_EQ(release_in_files(test.files), test.release) << test.files;
}

}  // namespace
}  // namespace muster::packages_apt
